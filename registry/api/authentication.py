"""Who is asking: a token in the Authorization header."""

from datetime import date

from django.db import DatabaseError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registry.models import ApiToken
from registry.services.tokens import token_digest

SCHEME = "Token"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token hf_…`; every reason to refuse a token gives the same answer."""

    def authenticate(self, request: Request) -> tuple[object, ApiToken] | None:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=token_digest(text.strip().decode("latin-1")), user__is_active=True)
            .first()
        )
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            raise AuthenticationFailed("This token is not known, has expired, or its user is not active.")
        self._note_use(token, timezone.localdate(now))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="headframe"'

    def _note_use(self, token: ApiToken, today: date) -> None:
        if token.used_on == today:
            return
        try:
            ApiToken.objects.filter(pk=token.pk).exclude(used_on=today).update(used_on=today)
        except DatabaseError:
            # A standby database that only reads still answers questions.
            return
