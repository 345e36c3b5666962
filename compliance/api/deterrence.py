"""Deterrence over HTTP: the fine at which staying unregistered stops paying, with every input and every step."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.estimates.deterrence import Deterrence, Site, deterrence
from registry.api.base import ApiMixin
from registry.api.fields import StrictSerializer
from registry.api.schema import with_example
from registry.errors import Refusal
from registry.models import DeviceModel

UNITS = {
    "currency": "ISO 4217",
    "device_model": "id in the catalogue",
    "devices": "devices",
    "hashrate_ths": "TH/s, each device",
    "power_kw": "kW, each device",
    "hashprice": "money per TH/s and day",
    "tariff": "money per kWh",
    "tariff_registered": "money per kWh",
    "pue": "kW of the site per kW of its devices",
    "tax_percent": "percent of the profit",
    "registration_cost": "money a month",
    "delay_cost": "money a month",
    "hazard": "detections a month",
    "confiscation": "money, once",
    "shut_down": "money, once",
    "fine": "money, once",
    "seizable": "money",
}
TERAHASHES = {"H/s": -12, "kH/s": -9, "MH/s": -6, "GH/s": -3, "TH/s": 0, "PH/s": 3}
DEFAULTS = {field.name: field.default for field in fields(Site) if isinstance(field.default, Decimal)}


def money(help_text: str, **options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=6, min_value=Decimal(0), help_text=help_text, **options
    )


@with_example(
    {
        "currency": "RUB",
        "device_model": 1,
        "devices": 20,
        "hashprice": "4.2",
        "tariff": "5.5",
        "pue": "1.1",
        "tax_percent": "13",
        "registration_cost": "400",
        "hazard": "0.02",
        "confiscation": "2000000",
        "shut_down": "500000",
        "fine": "200000",
    }
)
class DeterrenceRequestSerializer(StrictSerializer):
    """A site: devices of a model of the catalogue, or of a hash rate and a power that you give."""

    currency = serializers.RegexField("^[A-Z]{3}$", help_text="The currency of every amount, ISO 4217.")
    device_model = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31, help_text="Id of a device model; instead of the next two."
    )
    hashrate_ths = money("TH/s of each device.", required=False)
    power_kw = money("kW of each device.", required=False)
    devices = serializers.IntegerField(default=1, min_value=1, max_value=10_000_000, help_text="How many devices.")
    hashprice = money("What one TH/s earns in a day.")
    tariff = money("Price of a kWh while unregistered.")
    tariff_registered = money("Price of a kWh when registered; the same if left out.", required=False)
    pue = money("What the site draws over what its devices draw; 1 if left out.", default=Decimal(1))
    tax_percent = money("Of the profit, when registered.", default=Decimal(0))
    registration_cost = money("A month, when registered: fees, reports, an accountant.", default=Decimal(0))
    delay_cost = money("A month, when registered: what waiting for the register costs.", default=Decimal(0))
    hazard = money("Rate of detection per month (λ), above 0.")
    confiscation = money("Worth of what is confiscated when caught (K).", default=Decimal(0))
    shut_down = money("Discounted profit of later months lost with the site (V).", default=Decimal(0))
    fine = money("A fine to judge; without it only the break-even fine is given.", required=False)
    seizable = money("What could be seized at most.", required=False)


class InputSerializer(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.CharField()
    unit = serializers.CharField()


class StepSerializer(serializers.Serializer):
    name = serializers.CharField()
    formula = serializers.CharField()
    numbers = serializers.CharField(help_text="The formula with its numbers put in.")
    value = serializers.CharField()
    unit = serializers.CharField()


class DeterrenceSerializer(serializers.Serializer):
    inputs = InputSerializer(many=True)
    currency = serializers.CharField()
    profit_month = serializers.CharField(help_text="Of the site while unregistered.")
    registered_profit_month = serializers.CharField()
    gain_month = serializers.CharField(help_text="g: what evading brings over the best that is legal.")
    break_even_fine = serializers.CharField(help_text="F* = max(0, g / λ − K − V).")
    fine_slope = serializers.CharField(help_text="dF*/dλ.")
    hazard_elasticity = serializers.CharField(allow_null=True, help_text="d ln F* / d ln λ; null where F* is 0.")
    caught_within_a_year = serializers.CharField(help_text="1 − exp(−12 λ).")
    break_even_hazard = serializers.CharField(allow_null=True, help_text="λ* = g / (F + K + V), with a fine.")
    evasion_pays = serializers.BooleanField(allow_null=True, help_text="At that fine; null without one.")
    fine_elasticity = serializers.CharField(
        allow_null=True, help_text="Percent that the expected loss rises when the fine rises by one percent."
    )
    steps = StepSerializer(many=True)
    statements = serializers.ListField(child=serializers.CharField())


class InputsSerializer(serializers.Serializer):
    inputs = serializers.DictField(child=serializers.CharField(), help_text="The unit of each input.")


class DeterrenceView(ApiMixin):
    """The break-even fine F* of a site, risk neutral: at a higher fine evading registration does not pay.

    Nothing is stored. GET names the inputs with their units.
    """

    http_method_names = ["get", "post", "head", "options"]
    reads = (DeviceModel,)
    # A calculation: whoever may read the catalogue may ask for it.
    writes: Mapping[Any, tuple[str, ...]] = {None: ()}

    @extend_schema(responses=InputsSerializer)
    def get(self, request: Request) -> Response:
        return Response({"inputs": UNITS})

    @extend_schema(request=DeterrenceRequestSerializer, responses=DeterrenceSerializer)
    def post(self, request: Request) -> Response:
        form = DeterrenceRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(deterrence_json(form.validated_data))


def deterrence_json(given: dict[str, Any]) -> dict[str, Any]:
    """The answer for checked input. Raises `Refusal` where no site can be like that."""
    values = dict(given)
    devices = values.pop("devices")
    hashrate, power = _of_device(values)
    values.pop("device_model", None)
    values |= {"hashrate_ths": hashrate * devices, "power_kw": power * devices}
    try:
        found = deterrence(Site(**values))
    except ValueError as error:
        name, sentence = str(error).split(": ", 1)
        raise Refusal("deterrence_refused", f"{name}: {sentence}", {name: sentence}) from None
    shown = {**DEFAULTS, **given, "hashrate_ths": hashrate, "power_kw": power}
    return {
        "inputs": [
            {"name": name, "value": text_of(shown[name]), "unit": unit} for name, unit in UNITS.items() if name in shown
        ],
        **deterrence_figures(found),
    }


def deterrence_figures(found: Deterrence) -> dict[str, Any]:
    amounts = {
        "profit_month": found.profit,
        "registered_profit_month": found.registered_profit,
        "gain_month": found.gain,
        "break_even_fine": found.break_even_fine,
        "fine_slope": found.fine_slope,
    }
    shares = {
        "hazard_elasticity": found.hazard_elasticity,
        "caught_within_a_year": found.caught_within_a_year,
        "break_even_hazard": found.break_even_hazard,
        "fine_elasticity": found.fine_elasticity,
    }
    return {
        "currency": found.currency,
        **{name: f"{value:.2f}" for name, value in amounts.items()},
        **{name: None if value is None else f"{value:.6f}" for name, value in shares.items()},
        "evasion_pays": found.evasion_pays,
        "steps": [
            {
                "name": step.name,
                "formula": step.formula,
                "numbers": step.numbers,
                "value": f"{step.value:.6f}" if "a month" not in step.unit else f"{step.value:.2f}",
                "unit": step.unit,
            }
            for step in found.steps
        ],
        "statements": list(found.statements),
    }


def text_of(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _of_device(values: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """Hash rate in TH/s and power in kW of one device, given or out of the catalogue."""
    own = [name for name in ("hashrate_ths", "power_kw") if name in values]
    number = values.get("device_model")
    if number is None:
        if len(own) < 2:
            sentence = "Give a device_model of the catalogue, or both hashrate_ths and power_kw."
            raise Refusal("deterrence_refused", sentence, {"device_model": sentence})
        return values["hashrate_ths"], values["power_kw"]
    if own:
        sentence = "It comes with the device_model; leave it out, or leave out the device_model."
        raise Refusal("deterrence_refused", f"{own[0]}: {sentence}", dict.fromkeys(own, sentence))
    model = DeviceModel.objects.filter(pk=number).first()
    if model is None:
        sentence = f"There is no device model {number} in the catalogue."
        raise Refusal("unknown_device_model", sentence, {"device_model": sentence})
    if model.power_w is None or model.hashrate_unit not in TERAHASHES:
        sentence = f"Of {model} the catalogue has no power in W with a hash rate in H/s: give both yourself."
        raise Refusal("unknown_device_model", sentence, {"device_model": sentence})
    return model.hashrate.scaleb(TERAHASHES[model.hashrate_unit]), model.power_w / 1000
