"""Writes that are safe to repeat: the answer to a POST is kept under the key that the client chose for it."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from redis.exceptions import RedisError
from rest_framework.request import Request

from registry.api.refusals import Problem

HEADER = "Idempotency-Key"
KEPT_SECONDS = 24 * 3600
RUNNING_SECONDS = 60
MAX_LENGTH = 128


class AnsweredBefore(Exception):
    """The request was answered already; the answer goes out again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


@dataclass
class Repeat:
    """One key of one user at one address: claim it, then keep the answer or give the key back."""

    key: str
    fingerprint: str

    def claim(self) -> None:
        """Raises `AnsweredBefore` with the first answer where there was one."""
        try:
            if cache.add(self.key, {"fingerprint": self.fingerprint}, timeout=RUNNING_SECONDS):
                return
            kept = cache.get(self.key) or {"fingerprint": self.fingerprint}
        except RedisError:
            raise Problem(
                503,
                "cannot_remember",
                f"The store that remembers each {HEADER} does not answer. Try again, or write without the header.",
                headers={"Retry-After": "5"},
            ) from None
        if kept["fingerprint"] != self.fingerprint:
            raise Problem(422, "key_used_before", f"This {HEADER} was used for another body. Choose a new one.")
        if "content" not in kept:
            raise Problem(
                409, "still_running", "The first request with this key still runs.", headers={"Retry-After": "1"}
            )
        headers = {**kept["headers"], "Idempotency-Replayed": "true"}
        raise AnsweredBefore(HttpResponse(kept["content"], status=kept["status"], headers=headers))

    def keep(self, response: HttpResponse) -> None:
        kept: dict[str, Any] = {
            "fingerprint": self.fingerprint,
            "status": response.status_code,
            "content": response.content,
            "headers": {name: response[name] for name in ("Content-Type", "Location") if response.has_header(name)},
        }
        try:
            if response.status_code < 400:
                cache.set(self.key, kept, timeout=KEPT_SECONDS)
            else:
                # Nothing was stored, so the same key may be tried again with a better body.
                cache.delete(self.key)
        except RedisError:
            return


def repeat_of(request: Request) -> Repeat | None:
    text = request.headers.get(HEADER)
    if request.method != "POST" or text is None:
        return None
    if not 1 <= len(text) <= MAX_LENGTH or not text.isprintable():
        raise Problem(400, "bad_key", f"{HEADER}: 1 to {MAX_LENGTH} printable characters.")
    name = hashlib.sha256(f"{request.user.pk}\n{request.get_full_path()}\n{text}".encode()).hexdigest()
    return Repeat(key=f"api-repeat:{name}", fingerprint=_fingerprint(request))


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256()
    if not str(request.content_type).startswith("multipart/"):
        digest.update(request.body)
        return digest.hexdigest()
    for name, file in sorted(request.FILES.items()):
        digest.update(name.encode())
        for block in file.chunks():
            digest.update(block)
        file.seek(0)
    digest.update(repr(sorted(request.POST.items())).encode())
    return digest.hexdigest()
