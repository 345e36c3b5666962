"""Scenarios in the admin: made with a form, or in JSON, and answered on their own page."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from compliance.choices import Occurrence, Offender
from compliance.law.scenarios import changes_of_json
from compliance.models import Act, Norm, Scenario
from compliance.selectors.differences import Comparison, Figures
from compliance.selectors.scenarios import Answer, scenario_answer
from compliance.selectors.totals import stored_day
from compliance.services.scenarios import scenario_create
from registry.admin.base import ServiceAdmin
from registry.admin.refusals import ServiceForm
from registry.errors import Refusal

ANY_OCCURRENCE = ("any", "First and repeat")
# Which box of the form an unreadable part of a change came from, by the last name of its place.
BOX = {
    "norms": "price_norms",
    "offenders": "price_offenders",
    "occurrence": "price_occurrence",
    "multiply": "price_multiply",
    "low": "price_low",
    "high": "price_high",
    "currency": "price_currency",
    "parameters": "limit_parameters",
    "act": "bill",
    "in_force_from": "bill_from",
    "territories": "ban_places",
    "until": "ban_until",
    "season": "ban_season",
}


MILLION, TEN_MILLIONS = Decimal(10) ** 6, Decimal(10) ** 7
TALL = {"size": 8, "style": "height: auto"}


def day_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=UnfoldAdminSingleDateWidget())


def number_field(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=2,
        help_text=help_text,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


def text_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, help_text=help_text, widget=UnfoldAdminTextInputWidget())


def coded(row: Norm | Act) -> str:
    return f"{row.code}: {row.title}"


class NormField(forms.ModelChoiceField):
    """A norm or an act, under its code, which begins with its pack's."""

    def label_from_instance(self, obj: Any) -> str:
        return coded(obj)


class NormsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return coded(obj)


class ScenarioForm(ServiceForm):
    """The usual changes as boxes; whatever else as JSON. A box that is left empty changes nothing."""

    price_norms = NormsField(
        Norm.objects.order_by("code"),
        label="For which norms",
        required=False,
        help_text="Of the pack above; several with Ctrl.",
        widget=UnfoldAdminSelectMultipleWidget(attrs=TALL),
    )
    price_offenders = forms.MultipleChoiceField(
        label="For whom",
        required=False,
        choices=Offender.choices,
        help_text="Everybody, if none is chosen.",
        widget=UnfoldAdminSelectMultipleWidget(attrs=TALL),
    )
    price_occurrence = forms.ChoiceField(
        label="Which offence",
        required=False,
        choices=[ANY_OCCURRENCE, *Occurrence.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    price_multiply = number_field("Multiply by", "What the law says, times this. Or set an amount instead:")
    price_low = number_field("Lowest amount")
    price_high = number_field("Highest amount")
    price_currency = text_field("Currency", "ISO 4217, such as RUB.")
    limit_norm = NormField(
        Norm.objects.order_by("code"), label="Norm", required=False, widget=UnfoldAdminSelectWidget()
    )
    limit_parameters = forms.CharField(
        label="New values",
        required=False,
        help_text="One a line, as the pack names them: energy_kwh_month: 3000",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    bill = NormField(
        Act.objects.order_by("code"), label="Act or bill", required=False, widget=UnfoldAdminSelectWidget()
    )
    bill_from = day_field("In force from")
    ban_places = text_field("Territories", "Codes parted by commas: RU-MOW, RU-MOS.")
    ban_from = day_field("Banned from")
    ban_until = day_field("Until and including")
    ban_season = text_field("Season", "Only these days of every year: 11-15 to 03-15.")
    raw = forms.CharField(
        label="Changes as JSON",
        required=False,
        help_text="A list of changes, besides those above.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "class": "hf-mono"}),
    )

    class Meta:
        model = Scenario
        fields = ("pack", "title", "note")

    def changes(self) -> list[Any]:
        """The changes of the boxes that are filled in, in their order, then those in JSON."""
        given = self.cleaned_data
        found: list[Any] = [*self._price(given), *self._limit(given)]
        if given["bill"] or given["bill_from"]:
            found.append(_filled(act=_code(given["bill"]), in_force_from=_text(given["bill_from"])))
        if given["ban_places"] or given["ban_from"]:
            ban = _filled(
                territories=[code.strip() for code in given["ban_places"].split(",") if code.strip()],
                **{"from": _text(given["ban_from"]), "until": _text(given["ban_until"])},
            )
            if given["ban_season"]:
                first, _, last = given["ban_season"].partition("to")
                ban["season"] = {"from": first.strip(), "until": last.strip()}
            found.append({"ban": ban})
        return found + self._raw(given["raw"])

    def _price(self, given: dict[str, Any]) -> list[Any]:
        amount = {name: given[f"price_{name}"] for name in ("low", "high", "currency")}
        touched = given["price_norms"] or given["price_multiply"] is not None or amount["high"] is not None
        if not touched:
            return []
        penalty = _filled(
            norms=[norm.code for norm in given["price_norms"]],
            offenders=given["price_offenders"] or None,
            occurrence=given["price_occurrence"] or ANY_OCCURRENCE[0],
        )
        change: dict[str, Any] = {"penalty": penalty}
        if given["price_multiply"] is not None:
            change["multiply"] = str(given["price_multiply"])
        if amount["low"] is not None or amount["high"] is not None:
            change["amount"] = _filled(
                low=_text(amount["low"]), high=_text(amount["high"]), currency=amount["currency"] or None
            )
        return [change]

    def _limit(self, given: dict[str, Any]) -> list[Any]:
        if not given["limit_norm"] and not given["limit_parameters"]:
            return []
        lines = [line for line in given["limit_parameters"].splitlines() if line.strip()]
        pairs = (line.partition(":") for line in lines)
        values = {name.strip(): value.strip() for name, _, value in pairs}
        return [_filled(norm=_code(given["limit_norm"]), parameters=values)]

    def _raw(self, text: str) -> list[Any]:
        if not text.strip():
            return []
        try:
            changes = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            sentence = f"This is not JSON: {error}."
            raise Refusal("scenario_refused", sentence, {"raw": sentence}) from None
        if not isinstance(changes, list):
            sentence = "Give a list of changes: [ … ]."
            raise Refusal("scenario_refused", sentence, {"raw": sentence})
        return changes

    def perform(self) -> Scenario:
        given = self.cleaned_data
        asked = self.changes()
        try:
            changes = changes_of_json(given["pack"], asked)
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.sentence, self._boxed(asked, refusal.fields)) from None
        if not changes:
            raise Refusal("scenario_refused", "This changes nothing: fill in at least one of the boxes below.")
        return scenario_create(
            pack=given["pack"], title=given["title"], note=given["note"], changes=changes, user=self.request.user
        )

    def _boxed(self, asked: list[Any], fields: dict[str, str]) -> dict[str, str]:
        """The faults at the boxes that they came from."""
        own = len(asked) - len(self._raw(self.cleaned_data["raw"]))
        boxes: dict[str, str] = {}
        for place, sentence in fields.items():
            number = int(place.partition("[")[2].partition("]")[0] or 0)
            names = place.replace("[", ".").replace("]", "").split(".")
            box = next((BOX[name] for name in reversed(names) if name in BOX), None)
            if number >= own:
                box = "raw"
            elif box is None:
                box = next(BOX_OF_SUBJECT[name] for name in asked[number] if name in BOX_OF_SUBJECT)
            boxes[box] = f"{boxes[box]} {sentence}" if box in boxes else sentence
        return boxes

    def _get_validation_exclusions(self) -> Any:
        """The code is the service's business."""
        return super()._get_validation_exclusions() | {"code"}  # type: ignore[misc]


# Where no part of a change is named, the box that it begins with.
BOX_OF_SUBJECT = {"penalty": "price_norms", "norm": "limit_norm", "act": "bill", "ban": "ban_places"}


def _code(row: Act | Norm | None) -> str:
    """Empty where none is chosen, which is refused by name."""
    return row.code if row else ""


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def figure_lines(figures: Figures, *, signed: bool = False, short: bool = False) -> dict[str, Any]:
    """One cell of the page: the counts and one line of money per currency; where nothing has a price, no money.

    `short` gives large sums in millions, for a table with many columns.
    """
    most = max((abs(amount) for _, low, high in figures.amounts for amount in (low, high)), default=0)
    in_millions = short and most >= TEN_MILLIONS

    def count(number: Any, places: str = "") -> str:
        return f"{'+' if signed and number > 0 else ''}{number:,{places}}"

    def money(amount: Decimal) -> str:
        return count(amount / MILLION, ".1f") if in_millions else count(amount, ".0f")

    return {
        "findings": count(figures.findings),
        "unpriced": count(figures.unpriced),
        "amounts": [
            f"{money(low)} – {money(high)}{' million' if in_millions else ''} {currency}"
            for currency, low, high in figures.amounts
            if low or high
        ],
    }


def row_context(row: Comparison, *, short: bool = True) -> dict[str, Any]:
    share = row.unknown.scenario_share
    return {
        "key": row.key,
        "name": row.name,
        "law": figure_lines(row.law, short=short),
        "scenario": figure_lines(row.scenario, short=short),
        "difference": figure_lines(row.difference, signed=True, short=short),
        "unchanged": row.law == row.scenario,
        "unknown": "—" if share is None else f"{share * 100:.0f} %",
        "unknown_of": f"{row.unknown.scenario:,} of {row.unknown.miners:,}",
    }


def answer_context(answer: Answer) -> dict[str, Any]:
    total = answer.total
    parts = (
        ("Newly caught", total.newly_caught, "found by the scenario only"),
        ("No longer caught", total.no_longer_caught, "found by the law in force only"),
        ("Amount changed", total.amount_changed, "found by both, priced otherwise"),
        ("Difference", total.difference, "the sum of the three"),
    )
    unknown = total.unknown
    return {
        "answer": answer,
        "total": row_context(total, short=False),
        "parts": [
            {"title": title, "meaning": meaning, **figure_lines(figures, signed=True)}
            for title, figures, meaning in parts
        ],
        "unknown": [
            {"title": title, "count": count, "percent": "—" if share is None else f"{share * 100:.1f} %"}
            for title, count, share in (
                ("Law in force", unknown.law, unknown.law_share),
                ("Scenario", unknown.scenario, unknown.scenario_share),
            )
        ],
        "tables": [
            ("By norm", "Norm", [row_context(row) for row in answer.by_norm]),
            ("By kind of miner", "Kind", [row_context(row) for row in answer.by_kind]),
            ("By territory", "Territory", [row_context(row) for row in answer.by_territory]),
        ],
    }


@admin.register(Scenario)
class ScenarioAdmin(ServiceAdmin):
    add_form = ScenarioForm
    list_display = ("title", "code", "pack", "made", "created_by", "created_at")
    list_select_related = ("pack", "created_by")
    list_filter = (("pack", AutocompleteSelectFilter),)
    search_fields = ("=code", "title")
    search_help_text = "The code, or words of the title."
    ordering = ("-ready_made", "code")
    fields = (("title", "code"), ("pack", "made"), "note", "changed")
    readonly_fields = ("title", "code", "pack", "made", "note", "changed")
    change_form_outer_before_template = "compliance/scenario.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return [(None, {"fields": self.fields})]
        return [
            (None, {"fields": ("pack", "title", "note")}),
            (
                "Change a price",
                {
                    "fields": (
                        "price_norms",
                        ("price_offenders", "price_occurrence"),
                        "price_multiply",
                        ("price_low", "price_high"),
                        "price_currency",
                    )
                },
            ),
            ("Change a limit", {"fields": ("limit_norm", "limit_parameters")}),
            ("Take a bill as law", {"fields": (("bill", "bill_from"),)}),
            ("Add a ban", {"fields": ("ban_places", ("ban_from", "ban_until"), "ban_season")}),
            ("Anything else", {"fields": ("raw",)}),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        allowed = bool(request.user.has_perm("compliance.delete_scenario"))
        if obj is None:
            return allowed
        return allowed and not obj.ready_made and (obj.created_by_id == request.user.pk or request.user.is_superuser)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        context: dict[str, Any] = {}
        scenario = self.get_object(request, object_id)
        may_see = self.has_view_permission(request, scenario) and request.user.has_perm("compliance.view_exposure")
        if scenario is not None and may_see:
            day = _asked_day(request)
            context = {
                **answer_context(scenario_answer(scenario.pack, scenario.changes, day)),
                "asked_day": day.isoformat(),
                "again_url": _again(scenario),
                "may_add": self.has_add_permission(request),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    @display(description="made by", label={"ready-made": "info", "a person": "success"})
    def made(self, scenario: Scenario) -> str:
        return "ready-made" if scenario.ready_made else "a person"

    @display(description="changes")
    def changed(self, scenario: Scenario) -> SafeString:
        return format_html('<pre class="hf-mono">{}</pre>', _json(scenario.changes))


def _json(changes: Any) -> str:
    return json.dumps(changes, indent=1, ensure_ascii=False)


def _again(scenario: Scenario) -> str:
    """The form with this scenario's changes in it."""
    filled = {"pack": scenario.pack_id, "title": f"{scenario.title} (changed)", "raw": _json(scenario.changes)}
    return f"{reverse('admin:compliance_scenario_add')}?{urlencode(filled)}"


def _asked_day(request: HttpRequest) -> dt.date:
    try:
        day = parse_date(request.GET.get("as_of", ""))
    except ValueError:
        day = None
    return day or stored_day() or timezone.localdate()
