"""`manage.py law check` reads the law packs and says what is wrong; `load` stores them; `test` runs their cases;
`docs` writes the pages of `docs/law/`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.law.cases import law_tried
from compliance.law.load import law_load, pack_paths
from compliance.law.pages import pages_write, stale_pages
from compliance.law.parse import pack_read
from compliance.law.schema import PackRefused


class Command(BaseCommand):
    help = (
        "Law packs: the acts, norms, banned areas, penalties and claims of one jurisdiction in one YAML file. "
        "“check” reads the packs and tells everything that is wrong with them, with file and line (exit code 1); "
        "“load” stores them in one transaction each and tells what has changed. Loading a pack twice changes nothing. "
        "“test” runs the packs' cases, both as the files have them, and stores nothing (exit code 1 if one fails). "
        "“docs” writes a page per jurisdiction into docs/law; with --check it only names those that are not what the "
        "packs say (exit code 1)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="read packs and tell what is wrong with them")
        load = verbs.add_parser("load", help="store packs and tell what has changed")
        test = verbs.add_parser("test", help="run the cases of packs and tell where the law answers otherwise")
        docs = verbs.add_parser("docs", help="write the pages of docs/law from the packs")
        docs.add_argument("--check", action="store_true", help="write nothing; name what is out of date")
        for verb in (check, load, test):
            verb.add_argument(
                "packs",
                nargs="*",
                metavar="CODE|FILE",
                help="a pack that comes with the service, such as ru, or a file; without any: all packs",
            )
            verb.add_argument("--all", action="store_true", help="all packs that come with the service")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "docs":
            self.docs(check=options["check"])
            return
        refused = False
        packs: list[str] = options["packs"]
        for path in chosen(packs, every=options["all"]):
            try:
                if verb == "check":
                    pack = pack_read(path)
                    self.stdout.write(
                        f"{path.name}: sound. {len(pack.acts)} acts, {len(pack.norms)} norms, "
                        f"{len(pack.books)} books, {len(pack.claims)} claims."
                    )
                elif verb == "test":
                    refused |= not self.holds(path)
                else:
                    self.stdout.write(str(law_load(path)))
            except PackRefused as refusal:
                refused = True
                self.stderr.write(refusal.sentence)
        if refused:
            sys.exit(1)

    def docs(self, *, check: bool) -> None:
        """Writes the pages, or names those that are out of date."""
        if not check:
            for name in pages_write():
                self.stdout.write(f"docs/law/{name}: written anew.")
            return
        stale = stale_pages()
        for name in stale:
            self.stderr.write(f"docs/law/{name} is not what the packs say: run “python manage.py law docs”.")
        if stale:
            sys.exit(1)

    def holds(self, path: Path) -> bool:
        """Runs the cases of one pack and tells what came of them."""
        tried = law_tried(path)
        for failure in tried.failures:
            self.stderr.write(failure)
        if tried.failures:
            self.stdout.write(f"{path.name}: {tried.failing} of {tried.cases} cases fail.")
        else:
            self.stdout.write(
                f"{path.name}: all {tried.cases} cases hold." if tried.cases else f"{path.name}: no cases."
            )
        return not tried.failures


def chosen(packs: list[str], *, every: bool) -> list[Path]:
    own = {path.stem: path for path in pack_paths()}
    if every or not packs:
        return list(own.values())
    paths = [own.get(name, Path(name)) for name in packs]
    for name, path in zip(packs, paths, strict=True):
        if not path.is_file():
            known = ", ".join(own) or "none"
            raise CommandError(
                f"There is no pack “{name}”: give the code of one that comes with the service ({known}) or a file."
            )
    return paths
