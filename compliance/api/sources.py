"""What every cited row shows: its sources, and how well they hold; and how a row of the law is named in an address."""

from rest_framework import serializers

CODE = "[A-Za-z0-9._-]{1,80}"


class SourceSerializer(serializers.Serializer):
    url = serializers.CharField()
    confidence = serializers.CharField()
    note = serializers.CharField()
