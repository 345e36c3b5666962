"""`manage.py estimate run | verify | difference | show | monthly`: numbered runs; all but the last compute here."""

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError, OutputWrapper
from django.utils import timezone

from compliance.choices import EstimateKind, RunStatus
from compliance.estimates.list_names import spelt
from compliance.management.estimates.lines import energy_lines, share_line
from compliance.management.estimates.verbs import Verb
from compliance.models import Estimate
from compliance.services.estimate_asking import estimate_send
from compliance.services.estimate_checks import estimate_verify
from compliance.services.estimate_differences import difference_store
from compliance.services.estimate_faults import CHOICES_BY
from compliance.services.estimate_schedule import monthly_runs
from compliance.services.estimates import estimate_request, estimate_run
from registry.errors import Refusal
from registry.models import Territory

NOT_THE_SAME, UNKNOWN = 1, 2


def run_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("territory", help="code of a territory, such as RU")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="last day of the window; else of the last month")
    parser.add_argument("--kind", choices=EstimateKind.values, default=EstimateKind.WHOLE)
    parser.add_argument("--months", type=int, default=3, help="length of the window")
    parser.add_argument("--by", choices=CHOICES_BY, default="size", help="what the strata are")
    parser.add_argument("--bootstrap", type=int, default=1000, help="replicates")
    parser.add_argument("--history", type=int, default=24, help="months of a run by region")
    parser.add_argument("--seed", type=int, help="a whole number; drawn by chance if left out")
    for name, metavars, text in (
        ("--mining-kw", ("LOW", "HIGH"), "power that obliged mining draws, in kW, set beside the lists"),
        ("--hash-rate-ths", ("LOW", "HIGH"), "hash rate of mining in the territory, in TH/s, likewise"),
    ):
        parser.add_argument(name, nargs=2, type=float, metavar=metavars, help=text)
    parser.add_argument("--hash-price", type=float, metavar="P", help="money that a TH/s earns in a day")
    parser.add_argument("--price-per-kwh", type=float, metavar="Q", help="of electricity, in the same money")
    parser.add_argument("--above-threshold", type=float, metavar="S", help="part of it that is obliged, at most 1")
    parser.add_argument("--json", action="store_true", help="print the whole result")


def run(out: OutputWrapper, options: dict[str, Any]) -> None:
    territory = Territory.objects.filter(code=options["territory"]).first()
    if territory is None:
        raise CommandError(f"There is no territory of the code {options['territory']}.", returncode=UNKNOWN)
    now = timezone.now()
    try:
        asked = estimate_request(
            kind=options["kind"],
            territory=territory,
            as_of=options["as_of"] or timezone.localdate(now).replace(day=1) - dt.timedelta(days=1),
            months=options["months"],
            by=options["by"],
            bootstrap=options["bootstrap"],
            history=options["history"],
            seed=options["seed"],
            mining_kw=options["mining_kw"],
            hash_rate_ths=options["hash_rate_ths"],
            hash_price=options["hash_price"],
            price_per_kwh=options["price_per_kwh"],
            above_threshold=options["above_threshold"],
            now=now,
        )
    except Refusal as refusal:
        raise CommandError(refusal.sentence, returncode=UNKNOWN) from None
    estimate_run(estimate_id=asked.pk, now=now)
    _show(out, _found(asked.pk), whole=options["json"])


def number(parser: ArgumentParser) -> None:
    parser.add_argument("number", type=int, help="number of a run")


def show_arguments(parser: ArgumentParser) -> None:
    number(parser)
    parser.add_argument("--json", action="store_true", help="print the whole result")


def show(out: OutputWrapper, options: dict[str, Any]) -> None:
    _show(out, _found(options["number"]), whole=options["json"])


def verify(out: OutputWrapper, options: dict[str, Any]) -> None:
    asked = _found(options["number"])
    try:
        found = estimate_verify(estimate_id=asked.pk, now=timezone.now())
    except Refusal as refusal:
        raise CommandError(refusal.sentence, returncode=UNKNOWN) from None
    for sentence in found["sentences"]:
        out.write(sentence)
    if not found["same"]:
        raise CommandError(f"{asked} is not reproduced.", returncode=NOT_THE_SAME)


def difference_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("earlier", type=int, metavar="A", help="number of the earlier run")
    parser.add_argument("later", type=int, metavar="B", help="number of the later run")


def difference(out: OutputWrapper, options: dict[str, Any]) -> None:
    earlier, later = _found(options["earlier"]), _found(options["later"])
    try:
        kept = difference_store(earlier_id=earlier.pk, later_id=later.pk).parts
    except Refusal as refusal:
        raise CommandError(refusal.sentence, returncode=UNKNOWN) from None
    names = list(kept["difference"])
    rows = [
        ("", *names),
        (str(earlier), *(kept["earlier"][name] for name in names)),
        *((part["code"], *(part["values"][name] for name in names)) for part in kept["parts"]),
        ("difference", *(kept["difference"][name] for name in names)),
        (str(later), *(kept["later"][name] for name in names)),
    ]
    widths = [max(len(str(cell or "—")) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *rest = (str(cell or ("" if at == 0 else "—")) for at, cell in enumerate(row))
        out.write("  ".join([first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True))]))
    for note in kept["notes"]:
        out.write(note)


def nothing(parser: ArgumentParser) -> None:
    """The verb takes no argument."""


def monthly(out: OutputWrapper, options: dict[str, Any]) -> None:
    asked = monthly_runs(kind=EstimateKind.WHOLE, now=timezone.now())
    for each in asked:
        estimate_send(each)
        out.write(f"{each} is asked for: {each.territory.name}, {each.window_from} to {each.as_of}.")
    if not asked:
        out.write("The runs of the last whole month are there already, or nothing was sighted in its window.")


def _found(pk: int) -> Estimate:
    asked = Estimate.objects.select_related("territory").filter(pk=pk).first()
    if asked is None:
        raise CommandError(f"There is no estimate {pk}.", returncode=UNKNOWN)
    return asked


def _show(out: OutputWrapper, asked: Estimate, *, whole: bool) -> None:
    if whole:
        out.write(json.dumps(asked.result, indent=1, ensure_ascii=False))
        return
    out.write(f"{asked}: {asked.territory.name}, {asked.window_from} to {asked.as_of}, known at {asked.known_at}")
    if asked.status == RunStatus.FAILED:
        raise CommandError(asked.failure, returncode=NOT_THE_SAME)
    if asked.status == RunStatus.RUNNING:
        out.write(f"Running: {asked.done} of {asked.total} cells.")
        return
    result = asked.result or {}
    if "sentence" in result:
        out.write(result["sentence"])
    if not asked.is_shown:
        out.write("A try with settings of its own: it does not stand as the service's figure.")
    names = {each["code"]: each["name"] for each in asked.lists}
    for warning in (result.get("headline") or {}).get("warnings", []):
        out.write(f"{warning['code']} {spelt(warning['message'], names, warning['facts'])}")
    for line in [*energy_lines(result.get("energy")), *map(share_line, result.get("shares", []))]:
        out.write(line)
    for month in result.get("months", []):
        rate = "—" if month["rate"] is None else f"{100 * month['rate']:.1f} in 100"
        out.write(f"{month['month']}: {rate}, {len(month['regions'])} regions")
    for each in asked.lists:
        out.write(f"{each['name']} ({each['code']}): {each['rows']:,} rows, {each['sha256']}")
    out.write(f"seed {asked.seed}, code {asked.code_version}, result {asked.result_sha256}")


RUN = Verb("run", "makes a numbered run and computes it here.", run_arguments, run)
VERIFY = Verb("verify", "computes a finished run again and says what is not the same.", number, verify)
DIFFERENCE = Verb("difference", "splits the difference of two runs into parts.", difference_arguments, difference)
SHOW = Verb("show", "prints a run, how far it is, and its receipt.", show_arguments, show)
MONTHLY = Verb("monthly", "asks the workers for the last whole month's runs that are missing.", nothing, monthly)
