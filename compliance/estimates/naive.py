"""What simpler estimators would have said, so that the reader sees how far apart they are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from compliance.estimates.documents import number
from compliance.estimates.loglinear import NoEstimate, fit
from compliance.estimates.rates import rate_of
from compliance.estimates.strata import ListTraits, eligible, others, register_of
from compliance.estimates.stratum_models import WITH_REGISTER, StratumModel
from compliance.estimates.tables import Table
from compliance.estimates.two_lists import chapman

EXCLUDED = "Only unregistered operations can be on it: that it does not overlap the register is so by definition."


@dataclass(frozen=True)
class Comparison:
    """One simpler estimate: N of all operations and the rate by it. `note` says what is wrong with it, if anything."""

    method: str
    n: float | None
    rate: float | None
    why_none: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "n": number(self.n), "rate": number(self.rate)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Comparison":
        return cls(**kept)


def comparisons(
    whole: Table, models: Sequence[StratumModel], traits: Sequence[ListTraits], active: float
) -> tuple[Comparison, ...]:
    """All lists as if independent; the unregistered as if their lists were; the register with each list."""
    register, lists = register_of(traits), others(traits)
    registered = float(whole.sizes[whole.place(register)])
    found = []
    every = [register, *(name for name in lists if whole.sizes[whole.place(name)])]
    if len(every) > 2:
        note = "Lists of the unregistered alone are among them." if len(eligible(traits)) < len(lists) else ""
        try:
            n = fit(whole.only(every)).n
            found.append(Comparison("all lists, independent", n, registered / n, note=note))
        except NoEstimate as none:
            found.append(Comparison("all lists, independent", None, None, str(none), note))
    mains = [model.main for model in models]
    if models and all(main is not None for main in mains):
        hidden = sum((model.main or 0.0) * (active if model.method == WITH_REGISTER else 1.0) for model in models)
        r = rate_of(active * registered, hidden)
        found.append(Comparison("partition, lists independent", active * registered + hidden, r))
    fair = set(eligible(traits))
    for name in lists:
        method = f"{register} and {name}, Chapman"
        if name not in fair:
            found.append(Comparison(method, None, None, EXCLUDED))
            continue
        at, place = whole.place(name), whole.place(register)
        one = chapman(int(registered), int(whole.sizes[at]), int(whole.overlaps[place, at]))
        r = registered / one.n if one.n else None
        found.append(Comparison(method, one.n, r, one.why_none))
    return tuple(found)
