"""What a run of the estimate is computed from: its lists with their receipts, what else is known, and its cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from compliance.choices import EstimateKind
from compliance.estimates.documents import number
from compliance.estimates.rates import rate_of
from compliance.estimates.strata import ListTraits, Settings, Stratum
from compliance.estimates.stratum_models import StratumModel
from compliance.estimates.totals import Totals
from compliance.estimates.unregistered import stratum_model
from compliance.selectors.capture_devices import devices_known
from compliance.selectors.capture_facts import facts_known
from compliance.selectors.capture_lists import ListKnown, lists_known
from compliance.selectors.capture_receipts import NOTHING, Receipt, receipts
from compliance.selectors.captures import REGISTER_BIT, Histories, Links, collect, open_links
from compliance.services.estimate_questions import Part, Question
from compliance.services.estimate_tables import Tables


@dataclass(frozen=True)
class Inputs:
    """All that the question found. `lists` are the receipts; `facts` what else the headline is told."""

    lists: list[dict[str, Any]]
    facts: dict[str, Any]
    parts: list[Part] = field(default_factory=list)


def inputs_collect(question: Question, *, facts: bool = True) -> Inputs:
    """Ask the register, in the transaction that is open. The same question gives the same inputs whenever asked.

    Without `facts` only the tables are asked for, with their receipts.
    """
    known = lists_known(question.known)
    register = [each for each in known if each.register]
    regional = question.kind == EstimateKind.REGIONS
    others = [each for each in known if not each.register]
    found = _collected(question, others)
    by_list, besides = receipts(question.windows)
    lists = [
        *[_kept(each, besides["register"]) for each in register],
        *[_kept(each, by_list.get(each.id, NOTHING)) for each in others if by_list.get(each.id, NOTHING).rows],
    ]
    used = [each for each in others if by_list.get(each.id, NOTHING).rows]
    tables = Tables(question, register[0], others, used, found)
    parts = tables.regions() if regional else tables.whole()
    if not facts:
        return Inputs(lists, {}, parts)
    told = facts_known(question.known, question.windows[-1], others)
    told |= {name: {"rows": besides[name].rows, "sha256": besides[name].sha256} for name in ("matching", "operations")}
    told |= _left_out(found, question)
    if not regional:
        catalogue = question.catalogue
        told["devices"] = catalogue and devices_known(question.known, question.windows[-1], catalogue)
        # The last, for the temporary tables then hold other links.
        told["rates_at_thresholds"] = _at_thresholds(question, register[0], others, used)
    return Inputs(lists, told, parts)


def models_of(parts: Sequence[Part], settings: Settings) -> list[StratumModel]:
    """The models of the strata alone, without the second opinion: what point figures need."""
    plain = replace(settings, second_opinion=False)
    return [
        stratum_model(
            Stratum.from_json(part.input["stratum"]),
            [ListTraits.from_json(each) for each in part.input["traits"]],
            plain,
        )
        for part in parts
        if part.task == "model"
    ]


def point_rate(models: Sequence[StratumModel], settings: Settings) -> float | None:
    """The rate of the strata together, not corrected for matching; null where some stratum has no estimate."""
    if not models:
        return None
    total = Totals.of(models, [[] for _ in models], settings)
    return number(rate_of(settings.active * total.registered, total.n)) if total.known else None


def _collected(
    question: Question, others: Sequence[ListKnown], *, links: Links = "holding", again: bool = False
) -> list[Histories]:
    return collect(
        windows=question.windows,
        known=question.known,
        territory=question.territory,
        by=question.by,
        sizing=question.sizing,
        lists=[each.id for each in others],
        regions=question.kind == EstimateKind.REGIONS,
        links=links,
        again=again,
    )


def _at_thresholds(
    question: Question, register: ListKnown, others: Sequence[ListKnown], used: Sequence[ListKnown]
) -> dict[str, Any] | None:
    """The rate with all doubtful pairs linked, and with none but what clerks confirmed; null where no pair is open.

    Each is null where it would be that of the links as they stand, or where a stratum then has no estimate. `linked`
    and `doubtful` are how many pairs there are of each.
    """
    linked, doubtful = open_links(question.known)
    if not linked and not doubtful:
        return None
    plain = replace(question, settings=replace(question.settings, bootstrap=0))

    def rate(links: Links) -> float | None:
        found = _collected(question, others, links=links, again=True)
        return point_rate(
            models_of(Tables(plain, register, others, used, found).whole(), plain.settings), plain.settings
        )

    return {
        "linked": linked,
        "doubtful": doubtful,
        "doubtful_linked": rate("doubtful") if doubtful else None,
        "none_linked": rate("reviewed") if linked else None,
    }


def _kept(each: ListKnown, receipt: Receipt) -> dict[str, Any]:
    return {**each.traits(), "rows": receipt.rows, "sha256": receipt.sha256}


def _left_out(found: Sequence[Histories], question: Question) -> dict[str, Any]:
    """Operations of the last window that are not in the tables: known to be too small, or in no region."""
    last = len(question.windows) - 1
    small = [row for row in found if row.below and row.window == last]
    nowhere = [row for row in found if row.place_id is None and row.window == last and not row.below]
    return {
        "below_limit": {
            "registered": sum(row.n for row in small if row.code & REGISTER_BIT),
            "unregistered": sum(row.n for row in small if not row.code & REGISTER_BIT),
        },
        "no_region": sum(row.n for row in nowhere) if question.kind == EstimateKind.REGIONS else 0,
    }
