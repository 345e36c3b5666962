"""How often one user may ask: a count per minute that all web processes share."""

import time

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

LIMIT = 6000
WINDOW = 60


class UserThrottle(BaseThrottle):
    """At most LIMIT requests of one user in one WINDOW of seconds; all the user's tokens count together."""

    limit = LIMIT

    def allow_request(self, request: Request, view: APIView) -> bool:
        now = time.time()
        window = int(now // WINDOW)
        self.reset = int((window + 1) * WINDOW - now) + 1
        key = f"api-rate:{request.user.pk}:{window}"
        try:
            cache.add(key, 0, timeout=2 * WINDOW)
            self.count = cache.incr(key)
        except (RedisError, ValueError):
            # Counting is a courtesy to other users; a broker that is gone must not stop the register.
            return True
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.count)),
            "X-RateLimit-Reset": str(self.reset),
        }
        view.rate_headers = headers  # type: ignore[attr-defined]  # every view here is an ApiMixin
        return self.count <= self.limit

    def wait(self) -> float:
        return float(self.reset)
