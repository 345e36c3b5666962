"""The measurements, in the order in which a register grows: files in, totals, one change, pages, export."""

import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from django.core.files import File
from django.db import connection
from django.db.models import Sum

from bench import raw
from bench.figures import Figure
from bench.service import Service
from compliance.law.scenarios import changes_of_json
from compliance.models import Exposure, LawPack, StaleMark
from compliance.rules import rules_in_law
from compliance.selectors.scenarios import scenario_answer
from compliance.selectors.totals import headline
from compliance.services.rates import days_kept
from compliance.services.recomputation import recompute
from registry.api.pagination import encode_cursor
from registry.intake.run import import_run
from registry.models import Import, Miner
from registry.services.imports import import_create

PAGE = "/api/v1/miners/?page_size=100"
TRIES = 41
RAW_PAGE = """
SELECT m.*, (SELECT array_agg(i.scheme || '=' || i.value) FROM registry_identifier i WHERE i.miner_id = m.id)
FROM registry_miner m WHERE m.id > %s ORDER BY m.id LIMIT 101
"""
# The same columns as the API's CSV.
RAW_CSV = """
COPY (SELECT m.id, m.name, m.kind, t.code, c.code, lower(m.operating), upper(m.operating), i.identifiers, m.note,
             m.created_at
      FROM registry_miner m
      JOIN registry_territory t ON t.id = m.territory_id
      LEFT JOIN registry_territory c ON c.id = m.country_id
      LEFT JOIN (SELECT miner_id, string_agg(scheme || '=' || value, ' ' ORDER BY scheme, value) AS identifiers
                 FROM registry_identifier GROUP BY 1) i ON i.miner_id = m.id
      ORDER BY m.id) TO STDOUT WITH (FORMAT csv, HEADER)
"""


def imported(noun: str, path: Path, day: dt.date) -> tuple[float, Import]:
    with path.open("rb") as file:
        created = import_create(noun=noun, file=File(file), file_name=path.name, user=None, announce=False)
    started = time.perf_counter()
    run = import_run(import_id=created.pk, today=day)
    return time.perf_counter() - started, run


def imports(folder: Path, day: dt.date) -> Iterator[Figure]:
    miners = folder / "miners.csv"
    raw_seconds = raw.import_miners(miners)
    seconds, run = imported("miners", miners, day)
    yield Figure("import_miners", seconds, raw_seconds, run.rows, "≤ 3 ×", f"{run.rows / seconds:,.0f} rows/s")
    seconds, run = imported("miners", miners, day)
    yield Figure("import_miners_again", seconds, None, run.rows, "no change", f"{run.created + run.changed} changed")
    for noun in ("sites", "devices", "registrations", "sightings", "readings", "declarations"):
        seconds, run = imported(noun, folder / f"{noun}.csv", day)
        yield Figure(f"import_{noun}", seconds, None, run.rows, "", f"{run.rows / max(seconds, 0.001):,.0f} rows/s")


def recomputation(day: dt.date) -> Iterator[Figure]:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows = Miner.objects.count()
    before = psutil.Process().memory_info().rss
    first = _seconds(lambda: recompute(as_of=day))
    grown = psutil.Process().memory_info().rss - before
    again = _seconds(lambda: recompute(as_of=day))
    months = days_kept(day)
    findings_seconds, counted = raw.findings(day)
    rates_seconds, on_file = raw.rates(day, months)
    bare = findings_seconds + rates_seconds
    _same_totals(day, counted, on_file)
    yield Figure("recompute_first", first, bare, rows, "≤ 3 ×", f"findings written; memory +{grown / 1e6:.0f} MB")
    yield Figure("recompute_again", again, bare, rows, "≤ 3 ×", "nothing to write; same totals as the bare SQL")
    packs = LawPack.objects.count()
    note = f"{packs} packs, {len(rules_in_law())} norms; nothing to write"
    yield Figure("recompute_all_packs", again, None, rows, "< 240 s", note)


# Asked of Russia's law; each must be answered beside the law in force in a few seconds.
SCENARIOS: dict[str, list[dict[str, Any]]] = {
    "threshold": [{"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": 3000}}],
    "bill": [{"act": "ru.bill.1124554-8", "in_force_from": "2026-01-19"}],
    "amounts": [
        {
            "penalty": {"norms": ["ru.registration.miner"]},
            "amount": {"low": 200_000, "high": 2_000_000, "currency": "RUB"},
        }
    ],
    "ban": [{"ban": {"territories": ["RU-MOW", "RU-MOS"], "from": "2026-01-01"}}],
}


def scenarios(day: dt.date) -> Iterator[Figure]:
    """What-if questions over the whole register; raw is a plain count of the open findings by cell and norm."""
    pack = LawPack.objects.get(code="ru")
    rows = Miner.objects.count()
    bare, _ = raw.timed(raw.OPEN_FINDINGS, {"day": day})
    for name, asked in SCENARIOS.items():
        changes = changes_of_json(pack, asked)
        started = time.perf_counter()
        answer = scenario_answer(pack, changes, day)
        seconds = time.perf_counter() - started
        total = answer.total
        if total.newly_caught + total.no_longer_caught + total.amount_changed != total.scenario - total.law:
            raise SystemExit(f"The parts of the scenario {name} do not add up.")
        note = f"{total.law.findings:,} findings, {total.difference.findings:+,} by the scenario"
        yield Figure(f"scenario_{name}", seconds, bare, rows, "< 8 s", note)


def freshness(day: dt.date) -> Iterator[Figure]:
    """From the commit of one miner's change to totals without a mark, with the worker and beat running."""
    while StaleMark.objects.exists():
        time.sleep(0.05)
    largest = headline(day).on_file
    taken, bare = [], []
    for miner in Miner.objects.filter(kind="legal_entity", registrations=None).order_by("-territory__code")[:9]:
        started = time.perf_counter()
        Miner.objects.filter(pk=miner.pk).update(kind="entrepreneur")
        while StaleMark.objects.exists():
            time.sleep(0.01)
        taken.append(time.perf_counter() - started)
        seconds, _ = raw.timed(raw.ONE_REGION, {"day": day, "territory": miner.territory_id})
        bare.append(seconds)
    note = f"slowest {max(taken):.2f} s; raw is a count of the one region"
    yield Figure("one_change_until_fresh", statistics.median(taken), statistics.median(bare), largest, "< 2 s", note)


def pages(service: Service) -> Iterator[Figure]:
    last = Miner.objects.order_by("-pk").values_list("pk", flat=True)[100]
    deepest = f"{PAGE}&cursor={encode_cursor(['id'], [last], backwards=False)}"
    rows = Miner.objects.count()
    for name, path, after in (("page_first", PAGE, 0), ("page_deepest", deepest, last)):
        service.get(path)
        ours = statistics.median(service.get(path)[0] for _ in range(TRIES))
        bare = statistics.median(raw.timed(RAW_PAGE, [after])[0] for _ in range(TRIES))
        yield Figure(name, ours, bare, rows, "< 50 ms", f"{ours * 1000:.1f} ms for 100 miners")


def export(service: Service) -> Iterator[Figure]:
    rows = Miner.objects.count()
    with connection.cursor() as cursor:
        started = time.perf_counter()
        with cursor.copy(RAW_CSV) as copy:
            for _ in copy:
                pass
        bare = time.perf_counter() - started
    service.get(PAGE)
    before = service.memory()
    ours, size = service.get("/api/v1/miners/?format=csv")
    grown = service.memory() - before
    yield Figure("csv_all_miners", ours, bare, rows, "≤ 4 ×", f"{size / 1e6:.0f} MB; web memory +{grown / 1e6:.0f} MB")


def _same_totals(day: dt.date, counted: dict[str, int], on_file: int) -> None:
    book = Exposure.objects.filter(as_of=day, book__kind="law").values("norm__code").annotate(total=Sum("findings"))
    ours = {row["norm__code"]: row["total"] for row in book if row["norm__code"] in counted}
    theirs = {norm: number for norm, number in counted.items() if number}
    if ours != theirs or headline(day).on_file != on_file:
        raise SystemExit(f"The totals differ from the bare SQL: {ours} and {theirs}.")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
