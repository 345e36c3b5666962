"""When does staying unregistered stop paying? Becker's break-even for one site, in `Decimal`, every step shown."""

from dataclasses import dataclass
from decimal import Decimal

HOURS_A_MONTH = Decimal(24 * 30)
DAYS_A_MONTH = Decimal(30)
MONTHS_A_YEAR = Decimal(12)
HUNDRED = Decimal(100)
DOMINATED = Decimal("0.5")
"""Below this part of what is at stake, the fine is not what deters."""


@dataclass(frozen=True)
class Site:
    """A site and its world. Money is in one currency throughout; a month has 30 days.

    `hashrate_ths` and `power_kw` are of all devices together, at the wall of the device; `pue` is what the whole site
    draws over what its devices draw. `hazard` is the rate of detection per month. `confiscation` is lost besides the
    fine when caught (K), `shut_down` is the profit of later months that is lost with the site, discounted (V).
    """

    currency: str
    hashrate_ths: Decimal
    power_kw: Decimal
    hashprice: Decimal
    tariff: Decimal
    hazard: Decimal
    pue: Decimal = Decimal(1)
    tax_percent: Decimal = Decimal(0)
    registration_cost: Decimal = Decimal(0)
    tariff_registered: Decimal | None = None
    delay_cost: Decimal = Decimal(0)
    confiscation: Decimal = Decimal(0)
    shut_down: Decimal = Decimal(0)
    fine: Decimal | None = None
    seizable: Decimal | None = None

    def __post_init__(self) -> None:
        if self.hazard <= 0:
            raise ValueError("hazard: the rate of detection must be above 0; at 0 no fine deters.")
        if self.pue < 1:
            raise ValueError("pue: a site draws at least what its devices draw, so it is 1 or more.")
        if self.tax_percent > HUNDRED:
            raise ValueError("tax_percent: a tax takes at most 100 percent of the profit.")
        for name, value in vars(self).items():
            if isinstance(value, Decimal) and not (value.is_finite() and value >= 0):
                raise ValueError(f"{name}: give a number that is not negative.")


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic: what it is, its formula in words, the same in numbers, and the result."""

    name: str
    formula: str
    numbers: str
    value: Decimal
    unit: str


@dataclass(frozen=True)
class Deterrence:
    """`break_even_fine` is F*: at a fine above it evading does not pay. Amounts are per site; those per month say so.

    `break_even_hazard` (per month), `evasion_pays` and `fine_elasticity` are null without a fine: the last says by how
    many percent what is at stake rises when the fine rises by one; with the hazard it always rises one for one.
    `fine_slope` is dF*/dλ: how much F* moves per unit of hazard (0 where F* is 0).
    """

    currency: str
    profit: Decimal
    registered_profit: Decimal
    gain: Decimal
    break_even_fine: Decimal
    fine_slope: Decimal
    hazard_elasticity: Decimal | None
    caught_within_a_year: Decimal
    break_even_hazard: Decimal | None
    evasion_pays: bool | None
    fine_elasticity: Decimal | None
    steps: tuple[Step, ...]
    statements: tuple[str, ...]


def energy_kwh(power_kw: Decimal, pue: Decimal) -> Decimal:
    """What a site draws in a month of 30 days."""
    return HOURS_A_MONTH * power_kw * pue


def monthly_profit(
    hashrate_ths: Decimal, hashprice: Decimal, power_kw: Decimal, pue: Decimal, tariff: Decimal
) -> Decimal:
    """24 × 30 × (hash rate × hash price / 24 − kW × PUE × tariff); the hash price is per TH/s and day."""
    return DAYS_A_MONTH * hashrate_ths * hashprice - energy_kwh(power_kw, pue) * tariff


def break_even_fine(gain: Decimal, hazard: Decimal, confiscation: Decimal, shut_down: Decimal) -> Decimal:
    """F* = max(0, g / λ − K − V)."""
    return max(Decimal(0), gain / hazard - confiscation - shut_down)


def break_even_hazard(gain: Decimal, fine: Decimal, confiscation: Decimal, shut_down: Decimal) -> Decimal | None:
    """λ* = g / (F + K + V) per month; null where nothing is at stake, so that no hazard deters."""
    stake = fine + confiscation + shut_down
    return gain / stake if stake else None


def deterrence(site: Site) -> Deterrence:
    """The break-even of one site, risk neutral, with the steps that lead there."""
    money, a_month = site.currency, f"{site.currency} a month"
    legal_tariff = site.tariff if site.tariff_registered is None else site.tariff_registered
    energy = energy_kwh(site.power_kw, site.pue)
    revenue = DAYS_A_MONTH * site.hashrate_ths * site.hashprice
    profit = monthly_profit(site.hashrate_ths, site.hashprice, site.power_kw, site.pue, site.tariff)
    before_tax = revenue - energy * legal_tariff - site.registration_cost - site.delay_cost
    tax = max(Decimal(0), before_tax) * site.tax_percent / HUNDRED
    registered = before_tax - tax
    best_legal = max(Decimal(0), registered)
    gain = max(Decimal(0), profit - best_legal)
    fine = break_even_fine(gain, site.hazard, site.confiscation, site.shut_down)
    rest = site.confiscation + site.shut_down
    caught = 1 - (-site.hazard * MONTHS_A_YEAR).exp()
    steps = [
        Step("energy", "24 × 30 × kW × PUE", f"720 × {site.power_kw} × {site.pue}", energy, "kWh a month"),
        Step("revenue", "30 × TH/s × hash price", f"30 × {site.hashrate_ths} × {site.hashprice}", revenue, a_month),
        Step(
            "profit unregistered",
            "revenue − energy × tariff",
            f"{_short(revenue)} − {_short(energy)} × {site.tariff}",
            profit,
            a_month,
        ),
        Step(
            "profit registered, before tax",
            "revenue − energy × tariff when registered − registration − delays",
            f"{_short(revenue)} − {_short(energy)} × {legal_tariff} − {site.registration_cost} − {site.delay_cost}",
            before_tax,
            a_month,
        ),
        Step("tax", "profit × tax", f"max(0, {_short(before_tax)}) × {site.tax_percent} %", tax, a_month),
        Step("profit registered", "before tax − tax", f"{_short(before_tax)} − {_short(tax)}", registered, a_month),
        Step(
            "gain from evading (g)",
            "profit unregistered − the better of registering and stopping",
            f"max(0, {_short(profit)} − max(0, {_short(registered)}))",
            gain,
            a_month,
        ),
        Step(
            "break-even fine (F*)",
            "max(0, g / λ − K − V)",
            f"max(0, {_short(gain)} / {site.hazard} − {site.confiscation} − {site.shut_down})",
            fine,
            money,
        ),
        Step("caught within a year", "1 − exp(−12 λ)", f"1 − exp(−12 × {site.hazard})", caught, "probability, 0 to 1"),
    ]
    hazard, pays, share = None, None, None
    if site.fine is not None:
        hazard = break_even_hazard(gain, site.fine, site.confiscation, site.shut_down)
        pays = gain > site.hazard * (site.fine + rest)
        share = site.fine / (site.fine + rest) if site.fine + rest else None
        expected = site.hazard * (site.fine + rest)
        terms = f"({site.fine} + {site.confiscation} + {site.shut_down})"
        steps.append(Step("expected loss", "λ × (F + K + V)", f"{site.hazard} × {terms}", expected, a_month))
        if hazard is not None:
            steps.append(
                Step("break-even hazard (λ*)", "g / (F + K + V)", f"{_short(gain)} / {terms}", hazard, "per month")
            )
    return Deterrence(
        currency=money,
        profit=profit,
        registered_profit=registered,
        gain=gain,
        break_even_fine=fine,
        fine_slope=-gain / site.hazard**2 if fine else Decimal(0),
        hazard_elasticity=-gain / site.hazard / fine if fine else None,
        caught_within_a_year=caught,
        break_even_hazard=hazard,
        evasion_pays=pays,
        fine_elasticity=share,
        steps=tuple(steps),
        statements=tuple(_statements(site, profit, registered, gain, fine, share)),
    )


def _statements(
    site: Site, profit: Decimal, registered: Decimal, gain: Decimal, fine: Decimal, share: Decimal | None
) -> list[str]:
    money, rest = site.currency, site.confiscation + site.shut_down
    said = []
    if profit <= 0:
        said.append("The site loses money even unregistered: it stops by itself, and no fine matters.")
    elif not gain:
        said.append("Registering pays as well as evading: no fine is needed.")
    elif registered < 0:
        said.append(
            f"Registered, the site would lose money, so it compares evading with stopping: all of its profit, "
            f"{_short(profit)} {money} a month, is the gain. Above the profit itself no fine matters: the site stops "
            "mining and does not register."
        )
    if gain and not fine:
        said.append(
            f"Confiscation and shut-down ({_short(rest)} {money}) alone outweigh the gain at this hazard: a fine adds "
            "nothing that is needed."
        )
    elif gain and rest > fine:
        said.append("Confiscation and shut-down weigh more than the break-even fine: raising the fine is weak.")
    if share is not None and share < DOMINATED:
        said.append(
            f"Of what is at stake the fine is {_percent(share)}: raising it by 10 % raises the expected loss by "
            f"{_percent(share / 10)}, raising detection by 10 % raises it by 10 %."
        )
    if site.seizable is not None and fine > site.seizable:
        said.append(
            f"What can be seized ({_short(site.seizable)} {money}) is less than the break-even fine "
            f"({_short(fine)} {money}): a fine above it does not deter; only detection, confiscation or shut-down can."
        )
    return said


def _short(value: Decimal) -> str:
    return f"{value:,.2f}"


def _percent(share: Decimal) -> str:
    return f"{share * HUNDRED:.1f} %"
