"""`manage.py law check` reads the law packs and says what is wrong; `load` stores them; `test` runs their cases;
`diff` says what a new version would change; `docs` writes the pages of `docs/law/`."""

import datetime as dt
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.law.cases import law_tried
from compliance.law.diff.money import effects
from compliance.law.diff.words import changes_in_words
from compliance.law.known import pack_known
from compliance.law.load import law_load, pack_paths
from compliance.law.pages import pages_write, stale_pages
from compliance.law.parse import pack_read
from compliance.law.schema import Pack, PackRefused
from compliance.models import LawPack
from registry.errors import Refusal


class Command(BaseCommand):
    help = (
        "Law packs: the acts, norms, banned areas, penalties and claims of one jurisdiction in one YAML file. "
        "“check” reads the packs and tells everything that is wrong with them, with file and line (exit code 1); "
        "“load” stores them in one transaction each and tells what has changed. Loading a pack twice changes nothing. "
        "“test” runs the packs' cases, both as the files have them, and stores nothing (exit code 1 if one fails). "
        "“diff” says what a pack would change, in words and in money over the register at hand, and stores nothing. "
        "“docs” writes a page per jurisdiction into docs/law; with --check it only names those that are not what the "
        "packs say (exit code 1)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="read packs and tell what is wrong with them")
        load = verbs.add_parser("load", help="store packs and tell what has changed")
        test = verbs.add_parser("test", help="run the cases of packs and tell where the law answers otherwise")
        diff = verbs.add_parser("diff", help="say what a pack would change, and store nothing")
        diff.add_argument("pack", metavar="CODE|FILE", help="the new version")
        diff.add_argument("--against", type=Path, metavar="FILE", help="the old version; what is stored if left out")
        diff.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="the day for which it is counted; today if left out",
        )
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
        if verb == "diff":
            self.diff(options["pack"], options["against"], options["as_of"] or timezone.localdate())
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

    def diff(self, name: str, against: Path | None, as_of: dt.date) -> None:
        """Tells what the pack would change beside what is stored, or beside another file."""
        if against is not None and not against.is_file():
            raise CommandError(f"There is no file “{against}” to compare with.")
        [path] = chosen([name], every=False)
        try:
            after = pack_read(path)
            before = stored(after.code) if against is None else pack_read(against)
            if before is not None and before.code != after.code:
                raise CommandError(f"“{against}” holds pack {before.code}, which is no version of {after.code}.")
            sentences = changes_in_words(before, after)
            counted = effects(path, after.code, as_of=as_of, against=against).told()
        except PackRefused as refusal:
            self.stderr.write(refusal.sentence)
            sys.exit(1)
        beside = "what is stored" if against is None else against.name
        self.stdout.write(f"{path.name} beside {beside}, in words:")
        for sentence in sentences or ["Nothing that the pack says has changed."]:
            self.stdout.write(f"  {sentence}")
        self.stdout.write(f"In money, for what is open on {as_of}:")
        for line in counted:
            self.stdout.write(f"  {line}")
        self.stdout.write("Nothing was stored.")

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


def stored(code: str) -> Pack | None:
    """The pack as it was loaded last; none where it never was."""
    if not LawPack.objects.filter(code=code).exists():
        return None
    try:
        return pack_known(code).pack
    except Refusal as refusal:
        raise CommandError(f"{refusal.sentence} Name a file with --against to compare with.") from refusal


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
