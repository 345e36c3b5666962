"""What a pack said at a time: read again from the texts that were loaded until then."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from compliance.law.parse import pack_parsed
from compliance.law.schema import Pack, PackRefused
from compliance.models import LawVersion
from registry.errors import Refusal


@dataclass(frozen=True)
class Known:
    """A pack as it was read from the text that was the latest one at some time."""

    pack: Pack
    loaded_at: dt.datetime


def pack_known(code: str, at: dt.datetime | None = None) -> Known:
    """What the pack of that code said at the instant; what it says now where none is given.

    Raises `Refusal`: `unknown_pack` where no such pack was ever loaded, `not_known_then` before its first load,
    `text_unreadable` where the text of then is no longer read as a pack.
    """
    versions = LawVersion.objects.filter(pack__code=code)
    until_then = versions if at is None else versions.filter(loaded_at__lte=at)
    found = until_then.order_by("-loaded_at", "-id").values("sha256", "loaded_at", "version").first()
    if found is None:
        first = versions.order_by("loaded_at", "id").values_list("loaded_at", flat=True).first()
        if first is None:
            raise Refusal("unknown_pack", f"No text of a pack of the code {code} is on file; see /api/v1/law/.")
        sentence = (
            f"Pack {code} was first loaded at {first.isoformat()}; what the law was known to be before, nobody says."
        )
        raise Refusal("not_known_then", sentence, fields={"known_at": sentence})
    try:
        return Known(_parsed(found["sha256"]), found["loaded_at"])
    except PackRefused as refusal:
        raise Refusal(
            "text_unreadable",
            f"Version {found['version']} of pack {code}, loaded at {found['loaded_at'].isoformat()}, is kept, "
            f"but it is no longer read as a pack: {refusal.sentence}",
        ) from refusal


@lru_cache(maxsize=64)
def _parsed(sha256: str) -> Pack:
    version = LawVersion.objects.filter(sha256=sha256).select_related("pack")[0]
    return pack_parsed(f"{version.pack.code}.yaml", version.text.encode())
