"""Links: a clerk's verdict on a pair, and pairs drawn at random for review."""

import datetime as dt
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Q

from registry.choices import LinkStatus, Verdict
from registry.errors import Refusal
from registry.models import Link, Sighting
from registry.services.linkage import chosen_settings

HOLDS = Q(verdict=Verdict.SAME) | Q(verdict="", status=LinkStatus.LINKED)

# Half of a sample goes to the pairs that count as linked, for each false one among them is in the figures.
SHARES = (("linked", 0.4), ("doubtful", 0.25), ("likely", 0.15), ("separate", 0.2))
SAMPLE = """
WITH stratum AS (
    SELECT id, sampled,
           CASE WHEN status = 'separate' AND probability >= %(likely)s THEN 'likely' ELSE status END AS name
    FROM registry_link WHERE probability IS NOT NULL
), ranked AS (
    SELECT id, sampled, name, row_number() OVER (PARTITION BY name ORDER BY md5(%(seed)s || ' ' || id), id) AS place
    FROM stratum
), drawn AS (
    SELECT ranked.id FROM ranked JOIN unnest(%(names)s::text[], %(sizes)s::int[]) wanted (name, size) USING (name)
    WHERE ranked.place <= wanted.size AND NOT ranked.sampled
)
UPDATE registry_link SET sampled = true FROM drawn WHERE registry_link.id = drawn.id
"""


@transaction.atomic
def link_review(
    *, link: Link, verdict: str, user: AbstractBaseUser | None, now: dt.datetime, note: str | None = None
) -> Link:
    """Stores what a clerk says of a pair; may be said again, and otherwise, at any time.

    Raises Refusal where the verdict is none, or where “same” contradicts another link that holds.
    """
    if verdict not in Verdict.values:
        sentence = f"Say {', '.join(Verdict.values[:-1])} or {Verdict.values[-1]}; “{verdict}” is none of these."
        raise Refusal("verdict_unknown", sentence, {"verdict": sentence})
    if verdict == Verdict.SAME:
        _sightings_locked(link)
    link = Link.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if verdict == Verdict.SAME:
        _may_be_the_same(link)
        _followers_move(link)
    if (link.verdict, link.note) == (verdict, link.note if note is None else note):
        return link
    link.verdict, link.reviewed_by_id, link.reviewed_at = verdict, user.pk if user else None, now
    if note is not None:
        link.note = note
    link.save(update_fields=("verdict", "reviewed_by", "reviewed_at", "note"))
    return link


def _sightings_locked(link: Link) -> None:
    """Two clerks at once might each lead a sighting on to the next: the second waits, and sees what the first said."""
    both = [pk for pk in (link.sighting_id, link.other_id) if pk]
    list(Sighting.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk").values_list("pk"))


def _may_be_the_same(link: Link) -> None:
    elsewhere = Link.objects.filter(HOLDS, sighting=link.sighting_id).exclude(pk=link.pk).first()
    if elsewhere is not None:
        raise _contradicts(
            f"Sighting {link.sighting_id} is linked to {_whom(elsewhere)} already (link {elsewhere.pk}): say of that"
            " link first that it is different."
        )
    further = link.other_id and Link.objects.filter(HOLDS, sighting=link.other_id, other__isnull=False).first()
    if further:
        raise _contradicts(
            f"Sighting {link.other_id} is itself linked to {_whom(further)} (link {further.pk}): say of that link first"
            " that it is different, or wait for the next linkage, which will offer the pair with that one."
        )


def _followers_move(link: Link) -> None:
    """What was linked to this sighting goes along to what it is the same as, so that one step still leads there."""
    if link.other_id is None:
        return
    followers = list(Link.objects.select_for_update().filter(HOLDS, other=link.sighting_id))
    clash = Link.objects.filter(other=link.other_id, sighting__in=[each.sighting_id for each in followers]).first()
    if clash is not None:
        raise _contradicts(
            f"Sighting {clash.sighting_id} is linked to sighting {link.sighting_id}, and is weighed against sighting"
            f" {link.other_id} too (link {clash.pk}): review that pair first."
        )
    Link.objects.filter(pk__in=[each.pk for each in followers]).update(other=link.other_id)


def _whom(link: Link) -> str:
    return f"miner {link.miner_id}" if link.miner_id else f"sighting {link.other_id}"


def _contradicts(sentence: str) -> Refusal:
    return Refusal("linked_already", sentence, {"verdict": sentence})


def links_sample(*, size: int, seed: int) -> int:
    """Draws pairs at random from the strata of probability for review; gives how many were not drawn before.

    The same seed draws the same pairs. Raises Refusal where `size` is less than 1.
    """
    if size < 1:
        sentence = "A sample has at least one pair."
        raise Refusal("no_sample", sentence, {"size": sentence})
    params: dict[str, Any] = {
        "likely": chosen_settings().likely,
        "seed": str(seed),
        "names": [name for name, _ in SHARES],
        "sizes": [max(1, round(size * share)) for _, share in SHARES],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SAMPLE, params)
        return cursor.rowcount
