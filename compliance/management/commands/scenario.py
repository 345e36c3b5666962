"""`manage.py scenario`: what changed law would add up to, beside the law in force, as a table."""

import datetime as dt
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.law.scenarios import changes_of_json
from compliance.models import LawPack, Scenario
from compliance.selectors.differences import Comparison, Figures
from compliance.selectors.scenarios import Answer, scenario_answer
from compliance.selectors.totals import stored_day
from registry.errors import Refusal
from registry.management.days import day

KEYS = {"pack", "title", "note", "changes"}


class Command(BaseCommand):
    help = (
        "Prints what a scenario adds up to beside the law in force: findings and exposure, lowest to highest, by"
        " territory, kind of miner and norm. Nothing is stored. Exit code 0, or 1 with what is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "scenario",
            nargs="?",
            metavar="CODE|FILE",
            help="The code of a scenario, or a YAML or JSON file with pack and changes; without it, the codes on file.",
        )
        parser.add_argument(
            "--as-of",
            type=day,
            default=None,
            metavar="YYYY-MM-DD",
            help="A day; that of the stored totals if left out.",
        )

    def handle(self, *, scenario: str | None, as_of: dt.date | None, **options: Any) -> None:
        if scenario is None:
            for code, title in Scenario.objects.values_list("code", "title"):
                self.stdout.write(f"{code}: {title}")
            return
        try:
            title, pack, changes = self._asked(scenario)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        answer = scenario_answer(pack, changes, as_of or stored_day() or timezone.localdate())
        self.stdout.write(title)
        for line in lines(answer):
            self.stdout.write(line)

    def _asked(self, name: str) -> tuple[str, LawPack, list[dict[str, Any]]]:
        kept = Scenario.objects.select_related("pack").filter(code=name).first()
        if kept is not None:
            return kept.title, kept.pack, kept.changes
        path = Path(name)
        if not path.is_file():
            raise CommandError(f"There is no scenario of the code {name}, and no such file.")
        try:
            body = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise CommandError(f"{name} is neither YAML nor JSON: {error}") from None
        if not isinstance(body, dict) or not {"pack", "changes"} <= body.keys() <= KEYS:
            raise CommandError(f"{name} must be a mapping of {', '.join(sorted(KEYS))}; pack and changes are needed.")
        pack = LawPack.objects.filter(code=str(body["pack"])).first()
        if pack is None:
            raise CommandError(f"{name} names the pack {body['pack']}, which is not loaded.")
        return str(body.get("title", path.name)), pack, changes_of_json(pack, body["changes"])


def lines(answer: Answer) -> Iterator[str]:
    """The answer as a person reads it: totals, the parts of the difference, and a table per grouping."""
    total = answer.total
    yield f"As of {answer.as_of}, pack {answer.pack}"
    for name, figures in (
        ("law in force", total.law),
        ("scenario", total.scenario),
        ("difference", total.difference),
        ("  newly caught", total.newly_caught),
        ("  no longer caught", total.no_longer_caught),
        ("  amount changed", total.amount_changed),
    ):
        yield f"  {name:<18}{words(figures)}"
    unknown = total.unknown
    yield (
        f"  undetermined      {unknown.law:,} of {unknown.miners:,} miners under the law in force,"
        f" {unknown.scenario:,} under the scenario"
    )
    if answer.stale:
        yield f"  {answer.stale:,} changes of the register are not yet in these figures"
    for note in answer.notes:
        yield f"  note: {note}"
    for title, rows in (
        ("territory", answer.by_territory),
        ("kind of miner", answer.by_kind),
        ("norm", answer.by_norm),
    ):
        yield f"By {title}"
        for row in rows:
            yield from _row(row)


def _row(row: Comparison) -> Iterator[str]:
    yield f"  {row.name} ({row.key})"
    yield f"    law       {words(row.law)}"
    yield f"    scenario  {words(row.scenario)}"


def words(figures: Figures) -> str:
    amounts = "; ".join(f"{low:,.0f} to {high:,.0f} {currency}" for currency, low, high in figures.amounts)
    return f"{figures.findings:,} findings, {figures.unpriced:,} without a price" + (f", {amounts}" if amounts else "")
