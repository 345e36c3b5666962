"""What an explanation of a finding looks like over HTTP."""

from rest_framework import serializers

from compliance.api.sources import ConflictSerializer, SourceSerializer


class FactRowSerializer(serializers.Serializer):
    noun = serializers.CharField(help_text="As in the addresses of the API.")
    id = serializers.CharField(help_text="Of the row; a code, or a month, where the noun is named by one.")
    label = serializers.CharField()  # type: ignore[assignment]  # what the row is called, not the field


class FactSerializer(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.CharField()
    source = FactRowSerializer()  # type: ignore[assignment]  # the row that the fact comes from


class NormTextSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField(help_text="What it demands, in one sentence.")
    article = serializers.CharField()
    act = serializers.CharField()
    citation = serializers.CharField()
    status = serializers.CharField(help_text="On the day that the explanation speaks of.")
    status_since = serializers.DateField(allow_null=True)
    status_until = serializers.DateField(allow_null=True, help_text="The last day; null where no end is known.")
    status_confidence = serializers.CharField()
    status_sources = SourceSerializer(many=True)
    url = serializers.CharField(help_text="The text of the law.")
    confidence = serializers.CharField()
    sources = SourceSerializer(many=True)
    conflicts = ConflictSerializer(many=True)


class OtherBandSerializer(serializers.Serializer):
    """A band of the same book that does not price this finding."""

    article = serializers.CharField()
    when = serializers.CharField(help_text="For whom, or above which sum, it holds.")
    amount = serializers.CharField()
    criminal = serializers.BooleanField()
    sanctions = serializers.ListField(child=serializers.CharField())


class PriceSerializer(serializers.Serializer):
    """What one book asks; amounts are null where they are not known, and `missing` says which fact is missing."""

    book = serializers.CharField()
    title = serializers.CharField()
    article = serializers.CharField(help_text="Empty where the book has no penalty for it.")
    occurrence = serializers.CharField()
    amount_low = serializers.DecimalField(max_digits=None, decimal_places=2, allow_null=True)
    amount_high = serializers.DecimalField(max_digits=None, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    missing = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField(), help_text="The arithmetic, step by step.")
    arithmetic = serializers.CharField(help_text="The steps as one text.")
    besides = serializers.ListField(child=serializers.CharField(), help_text="Sanctions besides the fine.")
    instead = serializers.ListField(child=serializers.CharField(), help_text="Sanctions instead of the fine.")
    condition = serializers.CharField(help_text="What the register cannot test.")
    criminal = serializers.BooleanField()
    discount = serializers.CharField()
    limitation = serializers.CharField()
    others = OtherBandSerializer(many=True)
    by_law = serializers.BooleanField(help_text="A bill or a what-if that leaves it to the law in force.")
    status = serializers.CharField(help_text="Of the band, on the day.")
    confidence = serializers.CharField()
    sources = SourceSerializer(many=True)
    conflicts = ConflictSerializer(many=True)


class ExplanationSerializer(serializers.Serializer):
    finding = serializers.IntegerField()
    miner = serializers.IntegerField()
    miner_name = serializers.CharField()
    on = serializers.DateField(help_text="The day of which it speaks: today, or the nearest on which it lasted.")
    norm = NormTextSerializer()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="The day after the last; null while no end is known.")
    days = serializers.CharField()
    facts = FactSerializer(many=True)
    penalties = PriceSerializer(many=True)
