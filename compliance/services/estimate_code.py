"""Which code a run was computed by: the service's version, and a hash over all arithmetic and all questions."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

PACKAGE = Path(__file__).resolve().parent.parent
PARTS = (
    "estimates/*.py",
    "selectors/capture*.py",
    "selectors/known.py",
    "selectors/size_limits.py",
    "services/estimate_*.py",
)


@lru_cache(maxsize=1)
def code_version() -> str:
    """Such as 0.1.0+1f3a9c0d5e7b: it changes whenever a figure might."""
    digest = hashlib.sha256()
    for pattern in PARTS:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes())
    return f"{settings.SPECTACULAR_SETTINGS['VERSION']}+{digest.hexdigest()[:12]}"
