"""The law over HTTP as its packs put it: on any day, and as it was known at any time."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.penalties import BandSanctionSerializer
from compliance.api.sources import ConflictSerializer, SourceSerializer, StatusSerializer
from compliance.choices import (
    act_statuses,
    bases,
    book_kinds,
    confidences,
    money_facts,
    norm_kinds,
    occurrences,
    offenders,
)
from compliance.law.days import areas_on, bands_on, norms_on
from compliance.law.known import Known, pack_known
from compliance.law.schema import Pack
from compliance.models import BannedArea, LawPack, Norm, Penalty
from registry.api.base import AnswerView
from registry.api.refusals import Problem
from registry.choices import miner_kinds
from registry.models import Territory

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="The day; today if left out.")
KNOWN_AT = OpenApiParameter(
    "known_at",
    str,
    description="As the pack was known then: an instant such as 2026-01-31T12:00:00Z, or a day, which counts whole; "
    "now if left out.",
)


class VersionSerializer(serializers.Serializer):
    version = serializers.CharField()
    sha256 = serializers.CharField()
    loaded_at = serializers.DateTimeField()


class LawPackSerializer(serializers.ModelSerializer):
    territory = serializers.CharField(source="territory.code")
    versions = VersionSerializer(many=True, help_text="Every text that was loaded, the latest first.")

    class Meta:
        model = LawPack
        fields = (
            "code",
            "title",
            "territory",
            "time_zone",
            "calendar",
            "milder_reaches_back",
            "version",
            "loaded_at",
            "versions",
        )
        read_only_fields = fields


class LawView(AnswerView):
    """The packs of law on file, one for each jurisdiction, with every version that was loaded."""

    reads = (LawPack,)

    @extend_schema(
        responses=inline_serializer("LawPacks", {"results": LawPackSerializer(many=True)}),
    )
    def get(self, request: Request) -> Response:
        packs = LawPack.objects.select_related("territory").prefetch_related("versions")
        return Response({"results": LawPackSerializer(packs, many=True).data})


class ActNamedSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    citation = serializers.CharField()


class StandingSerializer(serializers.Serializer):
    """What every item says of itself on the day."""

    status = serializers.ChoiceField(choices=act_statuses(), allow_null=True, help_text="On the day; null: not known.")
    in_force = serializers.BooleanField()
    timeline = StatusSerializer(many=True)
    confidence = serializers.ChoiceField(choices=confidences())
    sources = SourceSerializer(many=True)
    conflicts = ConflictSerializer(many=True)


class NormOnDaySerializer(StandingSerializer):
    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=norm_kinds())
    title = serializers.CharField()
    sentence = serializers.CharField()
    act = ActNamedSerializer()
    article = serializers.CharField()
    territory = serializers.CharField()
    register = serializers.CharField(allow_null=True)
    miner_kinds = serializers.ListField(child=serializers.ChoiceField(choices=miner_kinds()))
    parameters = serializers.DictField()


class ThresholdSerializer(serializers.Serializer):
    fact = serializers.ChoiceField(choices=money_facts())
    over = serializers.DecimalField(max_digits=18, decimal_places=2)
    currency = serializers.CharField()


class DiscountSerializer(serializers.Serializer):
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    within_days = serializers.IntegerField()


class DaysSerializer(serializers.Serializer):
    until = serializers.DateField(allow_null=True, help_text="Its last day; null where it is open.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is no name that a class can have."""
        first = serializers.DateField(allow_null=True, help_text="Its first day; null where nobody gave one.")
        return {"from": first, **super().get_fields()}


class BandOnDaySerializer(DaysSerializer, StandingSerializer):
    book = serializers.CharField()
    book_kind = serializers.ChoiceField(choices=book_kinds())
    norm = serializers.CharField()
    offenders = serializers.ListField(child=serializers.ChoiceField(choices=offenders()))
    occurrences = serializers.ListField(child=serializers.ChoiceField(choices=occurrences()))
    act = ActNamedSerializer(allow_null=True)
    article = serializers.CharField()
    amount_low = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    amount_high = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    basis = serializers.ChoiceField(choices=bases())
    cap = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    sanctions = BandSanctionSerializer(many=True)
    condition = serializers.CharField(allow_blank=True)
    threshold = ThresholdSerializer(allow_null=True)
    criminal = serializers.BooleanField()
    discount = DiscountSerializer(allow_null=True)
    limitation_days = serializers.IntegerField(allow_null=True)
    lookback_days = serializers.IntegerField(allow_null=True)


class AreaOnDaySerializer(DaysSerializer, StandingSerializer):
    territory = serializers.CharField()
    partial = serializers.BooleanField(  # type: ignore[assignment]  # the name of the column
        help_text="Only an unnamed part of the territory is banned."
    )
    norm = serializers.CharField()
    title = serializers.CharField()
    act = ActNamedSerializer()
    article = serializers.CharField()
    parameters = serializers.DictField(help_text="What the ban exempts, as the rule reads it.")
    words = serializers.CharField(allow_blank=True)


def answer_of(name: str, row: type[serializers.Serializer]) -> serializers.Serializer:
    return inline_serializer(
        name,
        {
            "pack": serializers.CharField(),
            "version": serializers.CharField(),
            "loaded_at": serializers.DateTimeField(help_text="When this version was loaded."),
            "known_at": serializers.DateTimeField(allow_null=True),
            "on": serializers.DateField(),
            "results": row(many=True),
        },
    )


class PackView(AnswerView):
    """One list of what a pack says on a day. Raises what `pack_known` raises."""

    reads: tuple[type[Model], ...] = (LawPack, Norm, Penalty)
    parameters = frozenset({"on", "known_at"})

    def said(
        self,
        code: str,
        rows_on: Callable[[Any, dt.date], list[dict[str, Any]]],
        serializer: type[serializers.Serializer],
        keep: Callable[[dict[str, Any]], bool],
        check: Callable[[Pack], None] = lambda pack: None,
    ) -> Response:
        on, at = self.day("on") or self.today(), self.instant("known_at")
        known = self.known(code, at)
        check(known.pack)
        rows = [row for row in rows_on(known.pack, on) if keep(row)]
        return Response(
            {
                "pack": code,
                "version": known.pack.version,
                "loaded_at": known.loaded_at,
                "known_at": at,
                "on": on,
                "results": serializer(rows, many=True).data,
            }
        )

    def known(self, code: str, at: dt.datetime | None) -> Known:
        if not LawPack.objects.filter(code=code).exists():
            codes = ", ".join(LawPack.objects.values_list("code", flat=True)) or "none: load a law pack"
            raise Problem(404, "unknown_pack", f"There is no pack of the code {code}; on file: {codes}.")
        return pack_known(code, at)

    def instant(self, name: str) -> dt.datetime | None:
        """An instant out of the query; a day stands for its end."""
        text = self.request.query_params.get(name)
        if text is None:
            return None
        try:
            # A “+” of a zone comes as a blank unless it was escaped.
            instant = parse_datetime(text.replace(" ", "+")) if "T" in text else None
            day = parse_date(text) if instant is None else None
        except ValueError:
            instant = day = None
        if day is not None:
            instant = dt.datetime.combine(day, dt.time.max)
        if instant is None:
            sentence = f"{name}: give a day as YYYY-MM-DD, or an instant as YYYY-MM-DDTHH:MM:SSZ."
            raise Problem(400, "bad_date", sentence, [{"field": name, "code": "bad_date", "detail": sentence}])
        return timezone.make_aware(instant) if timezone.is_naive(instant) else instant

    def chosen(self, name: str) -> str | None:
        return self.request.query_params.get(name)


class PackNormsView(PackView):
    """The norms of a pack, each with its status on the day and the sources that say so.

    `?territory=` keeps those that apply in the place: the norms of it and of what it lies in.
    """

    parameters = PackView.parameters | {"kind", "territory"}

    @extend_schema(
        parameters=[
            ON,
            KNOWN_AT,
            OpenApiParameter("kind", str, enum=[value for value, _ in norm_kinds()]),
            OpenApiParameter("territory", str, description="Code of a territory."),
        ],
        responses=answer_of("NormsOnDay", NormOnDaySerializer),
    )
    def get(self, request: Request, pack: str) -> Response:
        kinds = [value for value, _ in norm_kinds()]
        kind = self.one_of("kind", ("", *kinds)) if self.chosen("kind") is not None else ""
        place = self.territory()
        around = (
            set(Territory.objects.filter(below__descendant=place).values_list("code", flat=True)) if place else None
        )
        return self.said(
            pack,
            norms_on,
            NormOnDaySerializer,
            lambda row: (not kind or row["kind"] == kind) and (around is None or row["territory"] in around),
        )


class PackBandsView(PackView):
    """The bands of penalty of every book of a pack that are for the day, each once for every norm that it punishes."""

    parameters = PackView.parameters | {"norm", "book"}

    @extend_schema(
        parameters=[
            ON,
            KNOWN_AT,
            OpenApiParameter("norm", str, description="Code of a norm."),
            OpenApiParameter("book", str, description="Code of a book."),
        ],
        responses=answer_of("BandsOnDay", BandOnDaySerializer),
    )
    def get(self, request: Request, pack: str) -> Response:
        norm, book = self.chosen("norm"), self.chosen("book")

        def check(known: Pack) -> None:
            self.refuse_unknown("norm", norm, [item.code for item in known.norms])
            self.refuse_unknown("book", book, [item.code for item in known.books])

        return self.said(
            pack,
            bands_on,
            BandOnDaySerializer,
            lambda row: norm in (None, row["norm"]) and book in (None, row["book"]),
            check,
        )

    def refuse_unknown(self, noun: str, code: str | None, codes: list[str]) -> None:
        """What the pack, as it was known, has nothing of is a mistake, and no empty list."""
        if code is None or code in codes:
            return
        known = ", ".join(codes) or "none"
        sentence = f"There is no {noun} of the code {code} in the pack; on file: {known}."
        refused = f"unknown_{noun}"
        raise Problem(400, refused, sentence, [{"field": noun, "code": refused, "detail": sentence}])


class PackTerritoriesView(PackView):
    """The territories in which some act of the pack, law or draft, bans mining on the day."""

    reads = (LawPack, Norm, BannedArea)

    @extend_schema(parameters=[ON, KNOWN_AT], responses=answer_of("TerritoriesOnDay", AreaOnDaySerializer))
    def get(self, request: Request, pack: str) -> Response:
        return self.said(pack, areas_on, AreaOnDaySerializer, lambda row: True)
