"""`manage.py headline`: how much of the mining is registered, and what the rest is exposed to."""

import datetime as dt
import json
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from compliance.selectors.claims import Compared
from compliance.selectors.public_estimate import PublicEstimate, public_estimate
from compliance.selectors.totals import BookTotal, Headline, Rate, headline
from registry.management.days import day

WORDS = {
    "on_file": "miners on file",
    "obliged": "miners who are obliged to be",
    "sighted": "operations sighted in the last 365 days",
}


class Command(BaseCommand):
    help = (
        "Prints the headline: how much of the mining is registered, over each denominator by itself, the last of them"
        " estimated; what others claimed; and the penalty exposure by book and currency. With --json, for a machine."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON instead of sentences.")
        parser.add_argument("--as-of", type=day, default=None, metavar="YYYY-MM-DD", help="A day; today if left out.")

    def handle(self, *, as_of: dt.date | None, **options: Any) -> None:
        figures = headline(as_of or timezone.localdate())
        told = public_estimate(figures.as_of, figures.claims)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(figures, told), indent=2))
            return
        for sentence in sentences(figures, told):
            self.stdout.write(sentence)


def sentences(figures: Headline, told: PublicEstimate) -> list[str]:
    """The headline as a person reads it."""
    if not figures.on_file:
        return [
            f"As of {figures.as_of} no miner is on file yet: import a file, or make a sample with manage.py sample."
        ]
    lines = [f"As of {figures.as_of}"]
    lines += [_rate(rate) for rate in figures.rates]
    lines += _estimate(told)
    lines += [_claim(each) for each in told.claims]
    lines += [_book(total) for total in figures.exposure]
    if figures.undetermined:
        lines.append(f"  {figures.undetermined:,} questions of a norm to a miner stay undetermined: a fact is missing")
    if figures.undetermined_miners and figures.undetermined_share is not None:
        share = f"{figures.undetermined_share:.1%} of those on file"
        lines.append(f"  they are about {figures.undetermined_miners:,} miners, {share}")
    return lines


def as_json(figures: Headline, told: PublicEstimate) -> dict[str, Any]:
    """The headline for a machine; amounts and shares are decimal strings, unknown ones null."""
    return {
        "as_of": str(figures.as_of),
        "computed_on": str(figures.computed_on) if figures.computed_on else None,
        "registered": figures.registered,
        "on_file": figures.on_file,
        "obliged": figures.obliged,
        "sighted": figures.sighted,
        "rates": {
            rate.denominator: {"registered": rate.registered, "total": rate.total, "share": _text(rate.share, 4)}
            for rate in figures.rates
        },
        "estimate": _estimate_json(told),
        "claimed": [
            {
                "said_by": claim.said_by,
                "said_on": str(claim.said_on),
                "low": _text(claim.low, 4),
                "high": _text(claim.high, 4),
                "confidence": claim.confidence,
                "url": claim.url,
                "verdict": str(found.verdict),
                "sentence": found.sentence,
                "estimate": found.estimate,
            }
            for claim, found in zip(figures.claims, told.claims, strict=True)
        ],
        "exposure": [
            {
                "book": total.book_code,
                "kind": total.book_kind,
                "currency": total.currency or None,
                "findings": total.findings,
                "unpriced": total.unpriced,
                "low": _text(total.amount_low, 2),
                "high": _text(total.amount_high, 2),
            }
            for total in figures.exposure
        ],
        "undetermined": figures.undetermined,
        "undetermined_miners": figures.undetermined_miners,
        "undetermined_share": _text(figures.undetermined_share, 6),
        "stale": figures.stale,
    }


def _rate(rate: Rate) -> str:
    share = "unknown" if rate.share is None else f"{rate.share:.1%}"
    return f"  {share} registered: {rate.registered:,} of {rate.total:,} {WORDS[rate.denominator]}"


def _estimate(told: PublicEstimate) -> list[str]:
    """The fourth denominator in words, and its warnings under it."""
    if told.run is None:
        return [f"  of all mining, estimated: {told.sentence}"]
    run = told.run
    provisional = ", provisional" if run.provisional else ""
    lines = [f"  of all mining, estimated: {told.sentence} (estimate {run.number}, {run.window}{provisional})"]
    whole = [each for each in run.notices if "stratum" not in each.facts]
    lines += [f"    {each.code} {each.message}" for each in whole]
    if more := len(run.notices) - len(whole):
        lines.append(f"    {more} more about single classes: manage.py estimate show {run.number}")
    return lines


def _claim(found: Compared) -> str:
    claim = found.claim
    return f"  claimed: {claim.said_by}, {claim.said_on}: {claim.statement} {found.sentence}"


def _estimate_json(told: PublicEstimate) -> dict[str, Any]:
    run = told.run
    if run is None:
        return {"number": None, "sentence": told.sentence, "rate": None, "low": None, "high": None, "warnings": []}
    return {
        "number": run.number,
        "territory": run.territory,
        "window_from": str(run.window_from),
        "as_of": str(run.as_of),
        "status": run.status,
        "sentence": told.sentence,
        "rate": _text(run.point, 4),
        "low": _text(run.rate.low, 4),
        "high": _text(run.rate.high, 4),
        "provisional": run.provisional,
        "warnings": [{"code": each.code, "message": each.message} for each in run.notices],
    }


def _book(total: BookTotal) -> str:
    if total.amount_high is None:
        return f"  {total.book_title}: {total.findings:,} findings for which no amount is known"
    return (
        f"  {total.book_title}: {total.amount_low:,.0f} to {total.amount_high:,.0f} {total.currency}"
        f" for {total.findings:,} findings"
    )


def _text(value: Decimal | None, places: int) -> str | None:
    return None if value is None else f"{value:.{places}f}"
