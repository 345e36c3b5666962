"""What the bands of several jurisdictions ask of a fine: days, devices, units, thresholds, time, milder law and owners.

The bands are made for the tests, on the Russian ban; the arithmetic stands beside each figure.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Case, Finding, Fine, LawPack, Norm, Penalty, UnitRate
from compliance.models.fields import Days
from compliance.selectors.debts import debt_of_miner
from compliance.services.cases import case_open
from compliance.services.fines import fine_issue
from compliance.services.payments import payment_record
from registry.errors import Refusal
from registry.models import Account, Miner, Ownership
from tests.factories import DeviceFactory, MinerFactory, SiteFactory

TODAY = dt.date(2026, 11, 22)
OFFENCE = dt.date(2026, 10, 1)
DECIDED = dt.date(2026, 10, 20)


@pytest.fixture
def ban(ru_law: LawPack) -> Norm:
    return Norm.objects.select_related("pack").get(code="ru.ban")


def band(norm: Norm, **changes: Any) -> Penalty:
    """In force since 2025 for a company's first offence, 10 to 20 RUB."""
    values: dict[str, Any] = {
        "book": norm.pack.books.get(kind="law"), "norm": norm, "offender": "legal_entity", "occurrence": "first",
        "article": "made for a test", "confidence": "M", "amount_low": 10, "amount_high": 20, "currency": "RUB",
        "in_force": Days((DateRange(dt.date(2025, 1, 1), None, "[)"),)),
    }  # fmt: skip
    return Penalty.objects.create(**(values | changes))


def until(last: dt.date) -> Days:
    return Days((DateRange(dt.date(2025, 1, 1), last + dt.timedelta(days=1), "[)"),))


def since(first: dt.date) -> Days:
    return Days((DateRange(first, None, "[)"),))


def case_of(norm: Norm, miner: Miner | None = None, *, offence: dt.date = OFFENCE, **finding: Any) -> Case:
    """A case that rests on a finding from 1 October 2026 on, unless the test says otherwise."""
    miner = miner or MinerFactory()
    rests_on = Finding.objects.create(
        miner=miner, norm=norm, territory=miner.territory, kind=miner.kind,
        **({"valid": DateRange(offence, None)} | finding),
    )  # fmt: skip
    day = {"offence_on": offence, "opened_on": offence, "today": offence}
    return case_open(miner=miner, norm=norm, finding=rests_on, **day)


def issue(case: Case, amount: str, **changes: Any) -> Fine:
    values: dict[str, Any] = {
        "case": case, "occurrence": "first", "reference": f"D-{case.pk}", "amount": Decimal(amount), "currency": "RUB",
        "decided_on": DECIDED, "due_on": dt.date(2026, 12, 31), "today": TODAY,
    }  # fmt: skip
    return fine_issue(**(values | changes))


def refused(case: Case, amount: str, **changes: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        issue(case, amount, **changes)
    assert not Fine.objects.filter(case=case).exists()
    assert caught.value.sentence.endswith(".")
    return caught.value.code, caught.value.sentence


def test_fine_per_day_is_counted_up_to_the_decision_and_no_further_than_the_cap(ban: Norm) -> None:
    band(ban, basis="per_day", cap=150)
    case = case_of(ban)  # 1 to 20 October: 20 days, 200 to 400 RUB, but at most 150
    assert refused(case, "151") == (
        "amount_outside_band",
        (
            "151 RUB is outside the band of made for a test: 150.00 to 150.00 RUB"
            " (10 to 20 RUB × 20 days, at most 150 RUB)."
        ),
    )
    assert issue(case, "150").amount == 150


def test_fine_per_day_stops_with_the_offence(ban: Norm) -> None:
    band(ban, basis="per_day")
    case = case_of(ban, valid=DateRange(OFFENCE, dt.date(2026, 10, 4)))  # three days: 30 to 60 RUB
    assert refused(case, "61")[0] == "amount_outside_band"
    assert refused(case, "29")[0] == "amount_outside_band"
    assert issue(case, "60").amount == 60


def test_fine_per_device_and_per_violation_are_multiplied(ban: Norm) -> None:
    per_device, per_violation = band(ban, basis="per_device"), band(ban, basis="per_violation")
    site = SiteFactory()
    DeviceFactory(site=site, batch=True)  # ten devices: 100 to 200 RUB
    case = case_of(ban, site.miner, facts={"violations": 3})  # three violations: 30 to 60 RUB
    assert "10 to 20 RUB × 10 devices" in refused(case, "201", penalty=per_device)[1]
    assert "10 to 20 RUB × 3 violations" in refused(case, "61", penalty=per_violation)[1]
    assert issue(case, "200", penalty=per_device).amount == 200


def test_fine_in_units_is_worth_what_the_unit_was_on_the_day(ban: Norm) -> None:
    band(ban, unit="MCI", currency="")
    UnitRate.objects.create(
        pack=ban.pack, unit="MCI", title="made up", value=4325, currency="KZT", confidence="H",
        period=DateRange(dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
    )  # fmt: skip
    case = case_of(ban)  # 10 to 20 × 4,325 KZT
    assert refused(case, "50000")[0] == "currency_of_the_band"
    assert refused(case, "86500.01", currency="KZT") == (
        "amount_outside_band",
        ("86500.01 KZT is outside the band of made for a test: 43250.00 to 86500.00 KZT (10 to 20 MCI × 4,325 KZT)."),
    )
    assert issue(case, "86500", currency="KZT").amount == 86500


def test_share_of_the_turnover_is_taken_of_the_latest_account_and_unchecked_without_one(ban: Norm) -> None:
    band(ban, basis="share_of_turnover", amount_low=1, amount_high=5, currency="")
    miner = MinerFactory()
    Account.objects.create(miner=miner, year=2025, turnover=1000, currency="RUB", source="made up")
    case = case_of(ban, miner)  # 1 to 5 % of 1,000 RUB
    assert "1 to 5 % of the year's turnover of 1,000 RUB" in refused(case, "51")[1]
    assert issue(case, "50").amount == 50
    assert issue(case_of(ban), "123456").amount == 123456


def test_nobody_is_fined_after_the_limitation(ban: Norm) -> None:
    band(ban, limitation_days=60)
    ended = {"valid": DateRange(dt.date(2026, 9, 1), dt.date(2026, 10, 2))}  # its last day is 1 October
    too_late = dt.date(2026, 12, 1)
    code, sentence = refused(case_of(ban, **ended), "15", decided_on=too_late, today=too_late)
    assert code == "limitation_passed"
    assert "60 days after the offence; it ended on 2026-10-01, so the decision had to come by 2026-11-30" in sentence
    last = dt.date(2026, 11, 30)
    assert issue(case_of(ban, **ended), "15", decided_on=last, today=last).decided_on == last
    assert issue(case_of(ban), "15", decided_on=too_late, today=too_late).decided_on == too_late  # it still lasts


def test_half_paid_in_time_settles_a_fine_with_a_discount_and_a_day_later_it_does_not(ban: Norm) -> None:
    band(ban, discount_percent=50, discount_days=20)
    in_time, late = issue(case_of(ban), "20"), issue(case_of(ban), "20")
    last = DECIDED + dt.timedelta(days=20)
    pay = {"amount": Decimal(10), "today": TODAY}
    payment_record(fine=in_time, reference="P-1", paid_on=last, **pay)
    payment_record(fine=late, reference="P-2", paid_on=last + dt.timedelta(days=1), **pay)
    (settled,), (owing,) = debt_of_miner(in_time.case.miner, TODAY), debt_of_miner(late.case.miner, TODAY)
    assert (settled.assessed, settled.paid, settled.outstanding) == (20, 10, 0)
    assert (owing.assessed, owing.paid, owing.outstanding) == (20, 10, 10)
    with pytest.raises(Refusal) as caught:
        payment_record(fine=in_time, reference="P-3", paid_on=TODAY, **pay)
    assert caught.value.code == "payment_exceeds_debt"
    shown = Fine.objects.with_balance(TODAY).get(pk=late.pk)
    assert (shown.discounted, shown.discount_until) == (10, last)  # type: ignore[attr-defined]


def let_milder_law_reach_back(norm: Norm, reaches: bool) -> None:
    norm.pack.milder_reaches_back = reaches
    norm.pack.save()


def milder_law(ban: Norm, *, reaches_back: bool, **later: Any) -> tuple[Penalty, Penalty]:
    """10 to 20 RUB until 10 October 2026, and from the 11th on what the test says."""
    let_milder_law_reach_back(ban, reaches_back)
    before = band(ban, in_force=until(dt.date(2026, 10, 10)))
    return before, band(ban, in_force=since(dt.date(2026, 10, 11)), article="the later law", **later)


def test_milder_later_law_is_used_where_it_reaches_back_and_the_harsher_one_is_refused(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=True, amount_low=1, amount_high=5)
    case = case_of(ban)
    assert refused(case, "15")[0] == "amount_outside_band"
    assert refused(case, "15", penalty=before)[0] == "milder_law_holds"
    assert issue(case, "5").penalty == after


def test_milder_later_law_changes_nothing_where_it_does_not_reach_back(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=False, amount_low=1, amount_high=5)
    case = case_of(ban)
    assert refused(case, "5", penalty=after)[0] == "band_not_in_force"
    assert issue(case, "15").penalty == before


def test_harsher_later_law_never_reaches_back(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=True, amount_low=100, amount_high=500)
    case = case_of(ban)
    assert refused(case, "100", penalty=after)[0] == "band_not_in_force"
    assert issue(case, "15").penalty == before


def test_database_lets_a_later_band_in_only_where_it_is_milder_and_reaches_back(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=True, amount_low=1, amount_high=5)
    fine = issue(case_of(ban), "5")
    assert fine.penalty == after
    Penalty.objects.filter(pk=before.pk).update(amount_low=1, amount_high=4)
    assert_refused_by_database(fine)
    Penalty.objects.filter(pk=before.pk).update(amount_low=10, amount_high=20)
    let_milder_law_reach_back(ban, False)
    assert_refused_by_database(fine)


def test_later_law_with_the_same_highest_and_a_lower_lowest_amount_is_milder(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=True, amount_low=5, amount_high=20)  # 10 to 20 before
    case = case_of(ban)
    assert refused(case, "15", penalty=before)[0] == "milder_law_holds"
    assert issue(case, "5").penalty == after


def test_later_law_with_a_higher_highest_amount_is_not_milder_however_low_it_begins(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=True, amount_low=1, amount_high=21)
    case = case_of(ban)
    assert refused(case, "15", penalty=after)[0] == "band_not_in_force"
    assert issue(case, "15").penalty == before


def test_later_law_with_the_same_amounts_leaves_the_fine_to_the_law_of_the_offence(ban: Norm) -> None:
    before, after = milder_law(ban, reaches_back=True, amount_low=10, amount_high=20)
    case = case_of(ban)
    assert refused(case, "15", penalty=after)[0] == "band_not_in_force"
    assert issue(case, "15").penalty == before


def law_between(ban: Norm, *, reaches_back: bool) -> tuple[Penalty, Penalty]:
    """10 to 20 RUB on the day of the offence and from 15 October 2026 on; 1 to 5 RUB from the 11th to the 14th."""
    let_milder_law_reach_back(ban, reaches_back)
    around = band(
        ban,
        in_force=Days(
            (
                DateRange(dt.date(2025, 1, 1), dt.date(2026, 10, 11), "[)"),
                DateRange(dt.date(2026, 10, 15), None, "[)"),
            )
        ),
    )
    days = Days((DateRange(dt.date(2026, 10, 11), dt.date(2026, 10, 15), "[)"),))
    return around, band(ban, in_force=days, article="the law between", amount_low=1, amount_high=5)


def test_milder_law_that_held_only_between_the_offence_and_the_decision_is_used(ban: Norm) -> None:
    around, between = law_between(ban, reaches_back=True)
    case = case_of(ban)
    assert refused(case, "15", penalty=around)[0] == "milder_law_holds"
    assert issue(case, "5").penalty == between


def test_milder_law_in_between_is_not_used_for_a_decision_before_it_came_or_where_none_reaches_back(ban: Norm) -> None:
    around, between = law_between(ban, reaches_back=True)
    assert issue(case_of(ban), "15", decided_on=dt.date(2026, 10, 10)).penalty == around
    let_milder_law_reach_back(ban, False)
    assert refused(case_of(ban), "5", penalty=between)[0] == "band_not_in_force"
    assert issue(case_of(ban), "15").penalty == around


def test_mildest_of_several_later_laws_is_used_though_a_harsher_one_holds_at_the_decision(ban: Norm) -> None:
    let_milder_law_reach_back(ban, True)
    band(ban, in_force=until(dt.date(2026, 10, 5)))  # 10 to 20
    spans = {"the milder": (6, 10, 8, 18), "the mildest": (11, 14, 2, 4), "the last": (15, 31, 3, 6)}
    for article, (first, last, low, high) in spans.items():
        days = DateRange(dt.date(2026, 10, first), dt.date(2026, 10, last) + dt.timedelta(days=1), "[)")
        band(ban, in_force=Days((days,)), article=article, amount_low=low, amount_high=high)
    assert issue(case_of(ban), "4").penalty.article == "the mildest"


def test_database_agrees_on_which_of_two_laws_is_milder(ban: Norm) -> None:
    before, _ = milder_law(ban, reaches_back=True, amount_low=5, amount_high=20)  # 10 to 20 before
    fine = issue(case_of(ban), "5")
    for low, high in ((5, 20), (4, 20), (0, 19)):  # as the later law, and lower than it
        Penalty.objects.filter(pk=before.pk).update(amount_low=low, amount_high=high)
        assert_refused_by_database(fine)


def assert_refused_by_database(fine: Fine) -> None:
    with pytest.raises(IntegrityError, match="in force on the day"), transaction.atomic():
        Fine.objects.filter(pk=fine.pk).update(amount=fine.amount)


@pytest.mark.parametrize("what", ["the band", "the norm"])
def test_nothing_is_imposed_once_the_law_was_repealed_where_milder_law_reaches_back(ban: Norm, what: str) -> None:
    let_milder_law_reach_back(ban, True)
    law = until(dt.date(2026, 10, 10))
    band(ban, in_force=law)
    if what == "the norm":
        Norm.objects.filter(pk=ban.pk).update(in_force=law)
    case = case_of(ban)
    case = Case.objects.get(pk=case.pk)
    assert refused(case, "15")[0] == "repealed_since"
    assert issue(case, "15", decided_on=dt.date(2026, 10, 10)).amount == 15


def test_nothing_is_lost_by_a_repeal_where_milder_law_does_not_reach_back(ban: Norm) -> None:
    let_milder_law_reach_back(ban, False)
    band(ban, in_force=until(dt.date(2026, 10, 10)))
    assert issue(case_of(ban), "15").amount == 15


def test_above_the_threshold_it_is_for_the_criminal_court(ban: Norm) -> None:
    fined = band(ban)
    band(ban, criminal=True, threshold_fact="gain", threshold_over=3_500_000, threshold_currency="RUB", article="crime")
    rich, poor = MinerFactory(), MinerFactory()
    for miner, gain in ((rich, 3_500_001), (poor, 3_500_000)):
        Account.objects.create(miner=miner, year=2026, gain=gain, currency="RUB", source="made up")
    case = case_of(ban, rich)
    code, sentence = refused(case, "15")
    assert (code, "criminal court" in sentence) == ("for_the_criminal_court", True)
    assert refused(case, "15", penalty=fined)[0] == "for_the_criminal_court"
    assert issue(case_of(ban, poor), "15").penalty == fined


def test_band_above_a_threshold_that_was_not_reached_is_refused(ban: Norm) -> None:
    band(ban)
    large = band(ban, threshold_fact="damage", threshold_over=100, threshold_currency="RUB", amount_high=1000)
    miner = MinerFactory()
    Account.objects.create(miner=miner, year=2026, damage=99, currency="RUB", source="made up")
    assert refused(case_of(ban, miner), "900", penalty=large)[0] == "threshold_not_passed"


def owned_by(owner: Miner, percent: int) -> Miner:
    company: Miner = MinerFactory()
    Ownership.objects.create(
        miner=company, owner=owner, share_percent=percent, period=DateRange(dt.date(2020, 1, 1), None)
    )
    return company


def test_another_company_of_the_same_owner_offends_again(ban: Norm) -> None:
    first, again = band(ban, lookback_days=365), band(ban, occurrence="repeat", amount_low=50, amount_high=90)
    owner = MinerFactory()
    fined, sister, stranger = owned_by(owner, 51), owned_by(owner, 60), owned_by(owner, 50)
    issue(case_of(ban, fined, offence=dt.date(2026, 3, 1)), "15", decided_on=dt.date(2026, 4, 1))
    case = case_of(ban, sister)
    assert refused(case, "15")[0] == "offence_is_repeat"
    assert issue(case, "50", occurrence="repeat").penalty == again
    of_a_stranger = case_of(ban, stranger)
    assert refused(of_a_stranger, "50", occurrence="repeat")[0] == "offence_is_first"
    assert issue(of_a_stranger, "15").penalty == first


def test_fine_longer_ago_than_the_look_back_counts_no_more(ban: Norm) -> None:
    band(ban, lookback_days=365)
    miner = MinerFactory()
    issue(case_of(ban, miner, offence=dt.date(2025, 9, 1)), "15", decided_on=dt.date(2025, 9, 30))
    assert issue(case_of(ban, miner), "15").occurrence == "first"
