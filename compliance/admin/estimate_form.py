"""The form for a run of the estimate: what it is of, and the energy that may stand beside its lists."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from compliance.models import Estimate
from compliance.services.estimate_faults import MOST_MONTHS
from compliance.services.estimates import estimate_request
from registry.admin.refusals import ServiceForm

BY = (("size", "Size class"), ("kind", "Kind of miner"), ("none", "All together"))
RANGES = {"mining_kw": "mining_kw_to", "hash_rate_ths": "hash_rate_ths_to"}
NUMBERS = ("hash_price", "price_per_kwh", "above_threshold")
FIELDS = (("kind", "territory"), ("as_of", "months"), "by")
ENERGY_FIELDS = (*RANGES.items(), NUMBERS[:2], NUMBERS[2])
ENERGY_NOTE = (
    "May stay empty. What the electricity shows is set beside the lists and never averaged with them. The energy of"
    " operations on file, which gives the mean power of one, is read from their declarations and meters."
)


def number_field(label: str, help_text: str, most: float | None = None) -> forms.FloatField:
    widget = UnfoldAdminDecimalFieldWidget(attrs={"step": "any"})
    return forms.FloatField(
        required=False, label=label, help_text=help_text, widget=widget, min_value=0, max_value=most
    )


class EstimateForm(ServiceForm):
    """A run as one asks for it; all else has the defaults of the method."""

    months = forms.IntegerField(
        min_value=1,
        max_value=MOST_MONTHS,
        initial=3,
        label="Months of a window",
        help_text="An operation counts once in a window and list.",
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    by = forms.ChoiceField(choices=BY, initial="size", label="Strata", widget=UnfoldAdminSelectWidget())
    mining_kw = number_field(
        "Power drawn by mining that must register, from (kW)",
        "As the grid's measurements bound it, on average over the window: energy in kWh over hours gives kW.",
    )
    mining_kw_to = number_field("To (kW)", "The same figure again where it has no range.")
    hash_rate_ths = number_field(
        "Hash rate of mining there, from (TH/s)", "The devices in the catalogue tell which power that takes."
    )
    hash_rate_ths_to = number_field("To (TH/s)", "The same figure again where it has no range.")
    hash_price = number_field("Earned per TH/s and day", "In any money; goes with the hash rate.")
    price_per_kwh = number_field("Price of a kWh", "In the same money; goes with the hash rate.")
    above_threshold = number_field(
        "Part of the hash rate that must register", "From 0 to 1, such as 0.8; all of it where empty.", most=1
    )

    class Meta:
        model = Estimate
        fields = ("kind", "territory", "as_of")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for low, high in RANGES.items():
            for one, other in ((low, high), (high, low)):
                if given.get(one) is None and given.get(other) is not None and one not in self.errors:
                    self.add_error(one, ValidationError("A range has two ends: give this one too.", code="required"))
        return given

    def perform(self) -> Estimate:
        given = self.cleaned_data
        energy: dict[str, Any] = {name: given[name] for name in NUMBERS}
        for low, high in RANGES.items():
            energy[low] = None if given[low] is None else (given[low], given[high])
        return estimate_request(
            kind=given["kind"],
            territory=given["territory"],
            as_of=given["as_of"],
            months=given["months"],
            by=given["by"],
            now=timezone.now(),
            user=self.request.user,
            **energy,
        )

    def _get_validation_exclusions(self) -> Any:
        return super()._get_validation_exclusions() | {"window_from", "known_at", "seed", "settings"}  # type: ignore[misc]
