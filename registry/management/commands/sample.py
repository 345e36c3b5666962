"""`manage.py sample`: a synthetic register of any size, through the same intake as every other file."""

import datetime as dt
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from registry.choices import ImportStatus, ListKind, TerritoryKind
from registry.intake.run import import_run
from registry.management.days import day
from registry.models import DeviceModel, Import, Register, SightingList, Territory
from registry.sample.files import RANGE, RANGES, DeviceModelPower, sample_write
from registry.sample.lists import RANDOM_AUDIT
from registry.sample.operations import Places
from registry.sample.truth import Truth
from registry.services.imports import import_create
from registry.services.lists import list_create, lists_load

MOST = 9_000_000
REGISTERS = ("ru.miners", "ru.operators")
NEIGHBOURS = ("UA-09", "UA-14", "UA-23", "UA-65")


class Command(BaseCommand):
    help = (
        "Makes a synthetic register from a seed, modelled on the published figures and labelled as synthetic in every "
        "row, and imports it. The same numbers and seed give the same register. Exit code 0, or 1 with a reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--miners", type=int, default=2000, metavar="N", help="How many miners (2000).")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="The seed of the chance (1).")
        parser.add_argument("--as-of", type=day, metavar="YYYY-MM-DD", help="The day on which the sample ends (today).")
        parser.add_argument("--out", type=Path, metavar="DIR", help="Keep the CSV files in this folder.")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of: dt.date = options["as_of"] or timezone.localdate()
        name = f"sample-{options['seed']}-{as_of}"
        self._check(options["miners"], as_of)
        self._check_others(name, options["seed"], options["miners"])
        with tempfile.TemporaryDirectory(prefix="headframe-sample-") as temporary:
            folder: Path = options["out"] or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            self._lists()
            files, truth = self._write(folder, options["miners"], options["seed"], as_of)
            for noun, path in files.items():
                self._import(noun, path, as_of, f"{name}-{noun}.csv")
            if options["out"]:
                truth.write(folder / "truth.json")
        self.stdout.write(truth.sentence())

    def _check(self, miners: int, as_of: dt.date) -> None:
        if not 1 <= miners <= MOST:
            raise CommandError(f"--miners must lie between 1 and {MOST:,}.")
        if not dt.date(2024, 12, 1) <= as_of <= timezone.localdate():
            raise CommandError("--as-of must lie between 2024-12-01, when the first entries were made, and today.")
        if not Territory.objects.filter(code="RU").exists():
            raise CommandError("There are no territories on file; run “manage.py seed” first.")
        missing = set(REGISTERS) - set(Register.objects.values_list("code", flat=True))
        if missing:
            raise CommandError(
                f"The registers {' and '.join(sorted(missing))} are not on file; run “manage.py law load” first."
            )

    def _check_others(self, name: str, seed: int, miners: int) -> None:
        """Two samples whose miners bear the same numbers would change each other."""
        others = Import.objects.filter(noun="miners", file_name__startswith="sample-", status=ImportStatus.DONE)
        for file_name, rows in others.exclude(file_name=f"{name}-miners.csv").values_list("file_name", "rows"):
            other = int(file_name.split("-")[1])
            if other % RANGES == seed % RANGES or max(rows, miners) > RANGE:
                raise CommandError(
                    f"A sample is on file already ({file_name}) whose miners bear the same numbers. Take a seed whose "
                    f"remainder by {RANGES} is another and at most {RANGE:,} miners, or an empty database."
                )

    def _lists(self) -> None:
        """The lists that the sample's sightings are on, that of the random audits among them."""
        lists_load()
        if not SightingList.objects.filter(code=RANDOM_AUDIT).exists():
            list_create(
                code=RANDOM_AUDIT,
                name="Random audits (synthetic sample)",
                kind=ListKind.AUDIT,
                random_sample=True,
                note="Synthetic sample.",
            )

    def _write(self, folder: Path, miners: int, seed: int, as_of: dt.date) -> tuple[dict[str, Path], Truth]:
        with tqdm(total=miners, unit=" miners", disable=None, desc="drawing") as bar:
            return sample_write(
                folder=folder,
                miners=miners,
                seed=seed,
                as_of=as_of,
                places=places(),
                models=device_models(),
                progress=lambda done: bar.update(done - bar.n),
            )

    def _import(self, noun: str, path: Path, as_of: dt.date, file_name: str) -> None:
        with path.open("rb") as file:
            created = import_create(noun=noun, file=File(file), file_name=file_name, user=None, announce=False)
        with tqdm(unit=" rows", disable=None, desc=noun) as bar:
            run = import_run(import_id=created.pk, today=as_of, progress=lambda rows: bar.update(rows - bar.n))
        if run.status != ImportStatus.DONE:
            raise CommandError(f"The {noun} of the sample were not imported: {run.failure or run.status}")
        if run.refused:
            first = run.errors.first()
            raise CommandError(f"{run.refused} {noun} of the sample were refused; the first: {first}")
        self.stdout.write(
            f"{noun}: {run.rows} rows, {run.created} created, {run.changed} changed, {run.unchanged} unchanged"
        )


def places() -> Places:
    """The regions of Russia and those that it administers, with the municipalities that the law has put on file."""
    regions = Territory.objects.filter(kind=TerritoryKind.REGION)
    codes = [*regions.filter(parent__code="RU").values_list("code", flat=True)]
    codes += regions.filter(code__in=NEIGHBOURS).values_list("code", flat=True)
    municipalities: dict[str, list[str]] = defaultdict(list)
    below = Territory.objects.filter(kind=TerritoryKind.MUNICIPALITY, parent__code__in=codes).order_by("code")
    for region, code in below.values_list("parent__code", "code"):
        municipalities[region].append(code)
    return Places(sorted(codes), municipalities)


def device_models() -> list[DeviceModelPower]:
    """The models for bitcoin whose power is known."""
    models = DeviceModel.objects.filter(algorithm="SHA-256", power_w__gte=2000).order_by("maker", "name", "hashrate")
    return [
        (maker, name, float(watts or 0) / 1000) for maker, name, watts in models.values_list("maker", "name", "power_w")
    ]
