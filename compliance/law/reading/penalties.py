"""Reads bands of penalty."""

import yaml

from compliance.choices import Basis, MoneyFact, Occurrence, Offender, SanctionKind, SanctionRole
from compliance.law.nodes import Mapping
from compliance.law.reading.context import Context
from compliance.law.reading.statuses import read_statuses
from compliance.law.schema import Amount, Discount, Limitation, Lookback, PenaltyItem, Sanction, Threshold

ANY_OCCURRENCE = "any"
SHARES = {"turnover": Basis.SHARE_OF_TURNOVER, "gain": Basis.SHARE_OF_GAIN}
REPEATED = (Basis.PER_DAY, Basis.PER_DEVICE, Basis.PER_VIOLATION)


def read_penalties(book: Mapping, context: Context) -> list[PenaltyItem]:
    found = []
    for item in book.mappings("penalties", f"A penalty of {book.what}"):
        norms = item.words("norms")
        for code in norms:
            if code not in context.known["norms"]:
                item.refuse(f"names the norm “{code}”, which the pack does not have.", item.line_at("norms"))
        occurrence = item.word("occurrence", [*Occurrence.values, ANY_OCCURRENCE])
        entry = PenaltyItem(
            line=item.line,
            norms=norms,
            offenders=item.words("offenders", Offender.values),
            occurrences=tuple(Occurrence.values) if occurrence == ANY_OCCURRENCE else (occurrence,),
            act=context.reference(item, "act", "acts", "act") if item.has("act") else "",
            article=item.text("article", longest=200),
            amount=amount_of(item, context),
            sanctions=tuple(sanctions_of(item)),
            condition=item.text_or_none("condition", longest=300),
            threshold=threshold_of(item, context) if item.has("threshold") else None,
            criminal=item.yes_or_no("criminal"),
            discount=discount_of(item) if item.has("discount") else None,
            limitation=limitation_of(item, context) if item.has("limitation") else None,
            lookback=lookback_of(item, context) if item.has("lookback") else None,
            own_period=context.period(item, needed=False),
            cited=context.cited(item),
            statuses=read_statuses(item, context),
            conflicts=context.conflicts(item),
        )
        if item.sound:
            found.append(entry)
    return found


def amount_of(penalty: Mapping, context: Context) -> Amount:
    """Reads `amount`, `basis` and `cap`. “unknown” is an amount that nobody has found, which is not nothing."""
    basis = penalty.word("basis", [Basis.FIXED, *REPEATED]) if penalty.has("basis") else Basis.FIXED
    cap = penalty.mapping("cap", f"The cap of {penalty.inner}").only_money("amount") if penalty.has("cap") else None
    if cap is not None and basis not in REPEATED:
        penalty.refuse(
            f"has a cap, but its basis is {basis}; a cap limits what is {', '.join(REPEATED)}.", penalty.line_at("cap")
        )
    node = penalty.node("amount")
    if node is None or (isinstance(node, yaml.ScalarNode) and node.value == "unknown"):
        if cap is not None:
            penalty.refuse("has a cap, but its amount is unknown.", penalty.line_at("cap"))
        return Amount(basis=basis)
    item = penalty.mapping("amount", f"The amount of {penalty.inner}")
    low, high = item.money("low"), item.money("high")
    if low > high:
        item.refuse(f"has its low end at {low}, above its high end at {high}.", item.line_at("low"))
    if cap is not None and cap < high:
        penalty.refuse(f"has its cap at {cap}, below its high end at {high}.", penalty.line_at("cap"))
    measures = [key for key in ("currency", "unit", "percent_of") if item.has(key)]
    if len(measures) != 1:
        item.refuse(f"needs one of currency, unit and percent_of; it has {' and '.join(measures) or 'none of them'}.")
        return Amount()
    currency = context.currency(item, "currency") if item.has("currency") else ""
    unit = item.text("unit", longest=16) if item.has("unit") else ""
    if unit and unit not in context.known["units"]:
        item.refuse(f"is in “{unit}”, a unit that the pack's “units” do not have.", item.line_at("unit"))
    if item.has("percent_of"):
        of = item.word("percent_of", SHARES)
        if high > 100:
            item.refuse(f"is {high} percent; 100 are the most.", item.line_at("high"))
        if penalty.has("basis"):
            penalty.refuse("has a basis, but its amount is a percentage.", penalty.line_at("basis"))
        basis = SHARES.get(of, Basis.FIXED)
    item.tell_unknown_keys()
    return Amount(low, high, currency, unit, basis, cap)


def sanctions_of(penalty: Mapping) -> list[Sanction]:
    found = []
    for item in penalty.mappings("sanctions", f"A sanction of {penalty.inner}"):
        entry = Sanction(
            role=item.word("role", SanctionRole.values),
            kind=item.word("kind", SanctionKind.values),
            words=item.text("words", longest=300),
            days=item.number_of_days("days") if item.has("days") else None,
        )
        if item.sound:
            found.append(entry)
    return found


def threshold_of(penalty: Mapping, context: Context) -> Threshold | None:
    item = penalty.mapping("threshold", f"The threshold of {penalty.inner}")
    entry = Threshold(item.word("fact", MoneyFact.values), item.money("over"), context.currency(item, "currency"))
    return entry if item.sound else None


def discount_of(penalty: Mapping) -> Discount | None:
    item = penalty.mapping("discount", f"The discount of {penalty.inner}")
    entry = Discount(item.amount("percent"), item.number_of_days("within_days"))
    if item.has("percent") and not 0 < entry.percent <= 100:
        item.refuse(f"is {entry.percent} percent; it must be above 0 and at most 100.", item.line_at("percent"))
    return entry if item.sound else None


def limitation_of(penalty: Mapping, context: Context) -> Limitation | None:
    """The limitation rests on the band's own citation where it has none."""
    item = penalty.mapping("limitation", f"The limitation of {penalty.inner}")
    days = item.number_of_days("days")
    own = any(item.has(key) for key in ("confidence", "sources", "note"))
    entry = Limitation(days, context.cited(item) if own else None)
    return entry if item.sound else None


def lookback_of(penalty: Mapping, context: Context) -> Lookback | None:
    item = penalty.mapping("lookback", f"The look-back of {penalty.inner}")
    entry = Lookback(item.number_of_days("days"), context.cited(item))
    return entry if item.sound else None
