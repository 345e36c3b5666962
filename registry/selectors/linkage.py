"""How good the linkage is, by what clerks said of pairs that were drawn at random."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.fields import TextField

from registry.choices import LinkStatus, RunStatus, Verdict
from registry.models import Link, Linkage, Sighting, Site

STRATA = ("linked", "doubtful", "likely", "separate")
DRAWS = 20_000
SEED = 13
LOW, HIGH = 2.5, 97.5


@dataclass(frozen=True)
class Stratum:
    """Pairs of one stratum: how many there are, how many clerks reviewed and found the same, drawn at random or not.

    `mean` is the mean of the model's probabilities in it.
    """

    name: str
    pairs: int
    mean: float
    sampled: int
    sampled_same: int
    reviewed: int
    reviewed_same: int


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval, and the counts of the Beta distribution that says the same (yes and no)."""

    value: float
    low: float
    high: float
    yes: float
    no: float


@dataclass(frozen=True)
class LinkageQuality:
    """What the review of pairs drawn at random says of the links as they stand, clerks' verdicts included.

    `sensitivity` (s): the share of the true links that hold. `false_links` (phi): the share of the sightings of things
    not on file that are linked all the same. Both are null where the review says nothing yet; `missing` names the
    strata of which no pair was reviewed. They are about the sightings that needed the model; `overall` has the same two
    over all sightings, of which those that name a miner or a metering point are linked without error.
    """

    linkage_id: int | None
    sightings: int
    strata: tuple[Stratum, ...]
    sampled: int
    reviewed: int
    missing: tuple[str, ...]
    sensitivity: Share | None
    false_links: Share | None
    overall: tuple[Share, Share] | None

    @property
    def is_reviewed(self) -> bool:
        return self.sensitivity is not None

    @property
    def words(self) -> str:
        if self.sensitivity is None or self.false_links is None:
            return "not reviewed"
        found, wrong = self.sensitivity, self.false_links
        return (
            f"{self.reviewed} pairs reviewed: {found.value:.1%} of the true links are found ({found.low:.1%} to"
            f" {found.high:.1%}), {wrong.value:.2%} of the others are linked wrongly ({wrong.low:.2%} to"
            f" {wrong.high:.2%})"
        )

    @property
    def beta_counts(self) -> tuple[float, float, float, float] | None:
        """Found, missed, false links and rightly separate over all sightings, as a simple random review has them."""
        if self.overall is None:
            return None
        found, wrong = self.overall
        return found.yes, found.no, wrong.yes, wrong.no


def linkage_quality() -> LinkageQuality:
    """Measures the links as they stand; of each stratum, the sampled pairs stand for all that nobody reviewed.

    A stratum's share of true pairs has a Beta prior worth one pair, with the model's mean probability as its mean, so
    that a small sample of a huge stratum does not drown the rest. Unsure verdicts are left out.
    """
    run = Linkage.objects.filter(status=RunStatus.DONE).first()
    strata = _strata(run)
    sampled, reviewed = sum(each.sampled for each in strata), sum(each.reviewed for each in strata)
    missing = tuple(each.name for each in strata if each.pairs > each.reviewed and not each.sampled)
    sightings = run.sightings if run else 0
    sensitivity = false_links = overall = None
    if sampled and not missing:
        sensitivity, false_links, overall = _shares(strata, sightings, *_certain())
    return LinkageQuality(
        run.pk if run else None, sightings, strata, sampled, reviewed, missing, sensitivity, false_links, overall
    )


def _certain() -> tuple[int, int]:
    """Sightings whose miner is known by name or metering point, and those with a metering point of nobody known."""
    at_a_site = Exists(Site.objects.filter(metering_point=OuterRef("metering_point")))
    known = Q(miner__isnull=False) | (~Q(metering_point="") & Q(at_a_site))
    counted = Sighting.objects.annotate(at_a_site=at_a_site).aggregate(
        known=Count("pk", known), point=Count("pk", ~known & ~Q(metering_point=""))
    )
    return counted["known"], counted["point"]


def _named(likely: float) -> Any:
    return Link.objects.annotate(
        stratum=Case(
            When(status=LinkStatus.SEPARATE, probability__gte=likely, then=Value("likely")),
            default=F("status"),
            output_field=TextField(),
        )
    )


def _strata(run: Linkage | None) -> tuple[Stratum, ...]:
    if run is None:
        return ()
    told = Q(verdict__in=(Verdict.SAME, Verdict.DIFFERENT))
    same = Q(verdict=Verdict.SAME)
    found = {
        row["stratum"]: row
        for row in _named(run.settings.get("likely", 0.0))
        .exclude(verdict="", sampled=False)
        .order_by()
        .values("stratum")
        .annotate(
            said=Count("pk", ~Q(verdict="") & Q(reviewed_at__lt=run.started_at)),
            reviewed=Count("pk", told),
            reviewed_same=Count("pk", same),
            drawn=Count("pk", told & Q(sampled=True)),
            drawn_same=Count("pk", same & Q(sampled=True)),
        )
    }
    none = dict.fromkeys(("said", "reviewed", "reviewed_same", "drawn", "drawn_same"), 0)
    counted = run.parameters.get("strata", {})
    return tuple(
        Stratum(
            name,
            # A pair with a verdict is not counted by a run that comes after it, but it is there.
            max(int(counted.get(name, {}).get("pairs", 0)) + row["said"], row["reviewed"]),
            float(counted.get(name, {}).get("mean", 0.0)),
            row["drawn"],
            row["drawn_same"],
            row["reviewed"],
            row["reviewed_same"],
        )
        for name in STRATA
        for row in (found.get(name, none),)
    )


def _shares(
    strata: tuple[Stratum, ...], sightings: int, known: int, points: int
) -> tuple[Share, Share, tuple[Share, Share]]:
    chance = np.random.default_rng(np.random.SeedSequence([SEED, len(strata)]))
    found = np.zeros(DRAWS)
    missed = np.zeros(DRAWS)
    wrong = np.zeros(DRAWS)
    for each in strata:
        prior = min(max(each.mean, 1e-9), 1 - 1e-9)
        true = chance.beta(prior + each.sampled_same, 1 - prior + each.sampled - each.sampled_same, DRAWS)
        rest = max(each.pairs - each.reviewed, 0)
        found += each.reviewed_same
        if each.name == "linked":
            found += rest * true
            wrong += rest * (1 - true)
        else:
            missed += rest * true
    others = np.maximum(sightings - found - missed, wrong + 1)
    overall = (
        _share((found + known) / np.maximum(found + missed + known, 1e-12)),
        _share(wrong / (others + points)),
    )
    return _share(found / np.maximum(found + missed, 1e-12)), _share(wrong / others), overall


def _share(draws: np.ndarray) -> Share:
    mean, variance = float(draws.mean()), float(draws.var())
    worth = max(mean * (1 - mean) / variance - 1, 1.0) if variance > 0 else 1.0
    low, high = (float(edge) for edge in np.percentile(draws, (LOW, HIGH)))
    return Share(*(round(value, 6) for value in (mean, low, high, mean * worth, (1 - mean) * worth)))
