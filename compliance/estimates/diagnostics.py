"""Notices: what a reader must know beside an estimate, each with a code, plain words and a page that explains it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

PAGE = "docs/methods/warnings.md"

NAMES: Mapping[str, str] = {
    "W01": "too_few",
    "W02": "small_overlap",
    "W03": "zero_overlap",
    "W04": "structural_zero",
    "W05": "no_estimate",
    "W06": "lists_dependent",
    "W07": "unstable",
    "W08": "imprecise",
    "W09": "heterogeneous",
    "W10": "low_coverage",
    "W11": "poor_fit",
    "W12": "list_influence",
    "W13": "linkage",
    "W14": "sources_disagree",
    "W15": "borrowed",
    "W16": "provisional",
    "W17": "one_inflation",
    "W18": "illustrative",
    "B01": "empty_table",
    "B02": "one_list",
    "B03": "contained_list",
    "B04": "one_cell",
    "B05": "empty_list",
    "B06": "large_counts",
    "B07": "repeated_rows",
    "B08": "repeated_units",
    "B09": "list_left_out",
    "B10": "strata_pooled",
    "B11": "stratum_unknown",
    "B12": "small_list",
    "B13": "sizes_allotted",
    "B14": "sizes_unknown",
}
"""W: the eighteen of the method; B: input that no estimator can be blamed for."""

SERIOUS = frozenset({"W01", "W07", "W08", "W14", "B01", "B02", "B04"})
"""With one of these there is no point estimate. W05 is serious where no model at all has an estimate."""


@dataclass(frozen=True)
class Thresholds:
    """When the warnings fire. A field is named after its code; the defaults are those of the method."""

    w01_operations: int = 30
    w01_list: int = 10
    w02_overlap: int = 7
    w06_p: float = 0.01
    w06_z: float = 2.0
    w07_ratio: float = 1.5
    w08_ratio: float = 3.0
    w08_relative_se: float = 0.5
    w09_excess: float = 0.10
    w09_z: float = 2.0
    w09_total_excess: float = 0.05
    w09_total_z: float = 2.6
    w09_pairs_bic: float = 10.0
    w10_coverage: float = 0.55
    w11_p: float = 0.01
    w11_df: int = 4
    w12_change: float = 0.5
    w13_sensitivity: float = 0.95
    w13_false_links: float = 0.001
    w13_unreviewed: float = 0.75
    w15_weight: float = 0.5
    w16_months: int = 2
    w17_deviations: float = 3.0
    w18_months: int = 12
    b06_count: int = 1_000_000
    b13_known: float = 0.25
    b14_share: float = 0.10

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Thresholds":
        """Thresholds out of settings; a name that there is not raises `ValueError`."""
        known = {each.name for each in fields(cls)}
        unknown = sorted(set(kept) - known)
        if unknown:
            raise ValueError(f"There is no threshold {unknown[0]}; there are {', '.join(sorted(known))}.")
        return cls(**kept)


DEFAULT = Thresholds()


@dataclass(frozen=True)
class Notice:
    """One warning. `facts` holds the figures of the message; `serious` says that no point estimate may be given."""

    code: str
    name: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    serious: bool = False

    @property
    def doc(self) -> str:
        """Where the warning is explained."""
        return f"{PAGE}#{self.code.lower()}-{self.name.replace('_', '-')}"

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "message": self.message,
            "doc": self.doc,
            "serious": self.serious,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Notice":
        return cls(kept["code"], kept["name"], kept["message"], dict(kept["facts"]), kept["serious"])


def notice(code: str, message: str, *, serious: bool | None = None, **facts: Any) -> Notice:
    """A notice of this code; serious where its code is, unless said otherwise."""
    return Notice(code, NAMES[code], message, facts, code in SERIOUS if serious is None else serious)


def in_order(notices: Iterable[Notice | None]) -> tuple[Notice, ...]:
    """The notices that there are, the eighteen first, each code's in the order given; the same one only once."""
    found: list[Notice] = []
    for each in notices:
        if each is not None and each not in found:
            found.append(each)
    return tuple(sorted(found, key=lambda one: (one.code[0] != "W", one.code)))


def no_point(notices: Iterable[Notice]) -> bool:
    return any(each.serious for each in notices)


def chance_words(p: float) -> str:
    """A small p in a sentence: “4 of 1,000 cases”, “fewer than 1 of 1,000 cases”."""
    return f"{1000 * p:.0f} of 1,000 cases" if p >= 0.001 else "fewer than 1 of 1,000 cases"


def figure(value: float) -> str:
    """A figure in a sentence: 12,345; 34.6; 0.47; 0.0012."""
    if value != value or value in (float("inf"), float("-inf")):
        return "no figure"
    size = abs(value)
    if size >= 100 or (size >= 10 and float(value).is_integer()):
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if float(value).is_integer():
        return f"{value:.0f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.2g}"


def spoken(names: Iterable[str]) -> str:
    """Names in a sentence: A; A and B; A, B and C."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}" if listed else ""
