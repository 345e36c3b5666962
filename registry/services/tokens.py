"""API tokens: made once, shown once, kept as a digest."""

import datetime as dt
import hashlib
import secrets

from django.contrib.auth.models import User

from registry.errors import Refusal
from registry.models import ApiToken

PREFIX = "hf_"


def token_digest(text: str) -> str:
    # A token is 256 random bits: a plain digest cannot be reversed, and a slow one would slow every request.
    return hashlib.sha256(text.encode()).hexdigest()


def token_create(
    *, user: User, name: str, read_only: bool = False, expires_at: dt.datetime | None = None
) -> tuple[ApiToken, str]:
    """The stored token and its text, which nobody can read again."""
    if not user.is_active:
        raise Refusal("user_inactive", f"{user} is not active: an inactive user cannot hold a token.")
    if not name.strip():
        raise Refusal("token_needs_a_name", "Name what uses the token.", {"name": "Name what uses the token."})
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name.strip(),
        prefix=text[:8],
        digest=token_digest(text),
        read_only=read_only,
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    return token, text
