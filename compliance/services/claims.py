"""Claims that people enter beside those of the law packs, which only `law load` may write."""

from registry.errors import Refusal

MARK_OF_PACKS = ".claim."


def claim_of_pack(code: str) -> bool:
    """Whether a code is of the kind that packs give to their claims: ru.claim.chebeskov-30-percent."""
    return MARK_OF_PACKS in code


def claim_keep(*, code: str) -> None:
    """Raise Refusal where a claim of this code is a pack's: the next `law load` would bring it back, or remove it."""
    if claim_of_pack(code):
        sentence = (
            f"code: {code} is a code of a law pack's claim; change the pack and load it again, or choose a code"
            f" without “{MARK_OF_PACKS}”."
        )
        raise Refusal("claim_of_pack", sentence, {"code": sentence})
