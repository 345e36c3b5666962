"""What every cited row shows: its sources, and how well they hold; and how a row of the law is named in an address."""

from rest_framework import serializers

from compliance.choices import act_statuses, confidences

CODE = "[A-Za-z0-9._-]{1,80}"


class SourceSerializer(serializers.Serializer):
    url = serializers.CharField()
    confidence = serializers.CharField()
    note = serializers.CharField()


class ConflictSerializer(serializers.Serializer):
    """What another source says of the same thing."""

    says = serializers.CharField()
    confidence = serializers.ChoiceField(choices=confidences())
    sources = SourceSerializer(many=True)


class StatusSerializer(serializers.Serializer):
    """One status during one stretch of days, both of which count."""

    status = serializers.ChoiceField(choices=act_statuses())
    until = serializers.DateField(allow_null=True, help_text="Its last day; null where it is open.")
    confidence = serializers.ChoiceField(choices=confidences())
    sources = SourceSerializer(many=True)
    note = serializers.CharField(allow_blank=True)
    conflicts = ConflictSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is no name that a class can have."""
        fields = super().get_fields()
        return {"status": fields.pop("status"), "from": serializers.DateField(help_text="Its first day."), **fields}
