"""Mergers: that a miner is on file twice, said and taken back."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from registry.errors import Refusal
from registry.models import Merger, Miner


@transaction.atomic
def miner_merge(*, miner: Miner, same_as: Miner, note: str = "", user: AbstractBaseUser | None = None) -> Merger:
    """States that a miner is the same person as another, under which it counts from now on.

    Whoever was merged into the miner goes along, so that no merger leads to a second one. Stating it again changes
    nothing. Raises Refusal for a miner and itself, and where one of the two is merged otherwise.
    """
    if miner.pk == same_as.pk:
        raise _refused("same_miner", "A miner is not merged with itself: name the other one.", "same_as")
    # In one order, so that two mergers of the same miners at once wait for each other instead of blocking.
    list(Miner.objects.select_for_update().filter(pk__in=(miner.pk, same_as.pk)).order_by("pk"))
    stands = {merger.miner_id: merger for merger in Merger.objects.filter(miner__in=(miner.pk, same_as.pk))}
    other = stands.get(same_as.pk)
    if other is not None:
        where = "this one" if other.same_as_id == miner.pk else f"miner {other.same_as_id}"
        sentence = f"Miner {same_as.pk} is itself merged into {where}: take that back first, or name that one."
        raise _refused("merged_in_a_circle" if other.same_as_id == miner.pk else "merged_already", sentence, "same_as")
    own = stands.get(miner.pk)
    if own is not None and own.same_as_id == same_as.pk:
        return own
    if own is not None:
        sentence = f"Miner {miner.pk} is merged into miner {own.same_as_id} already: take that back first."
        raise _refused("merged_already", sentence, "miner")
    Merger.objects.filter(same_as=miner.pk).update(same_as=same_as.pk)
    made = Merger(miner=miner, same_as=same_as, note=note, made_by_id=user.pk if user else None)
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def miner_unmerge(*, miner: Miner) -> bool:
    """Takes a merger back; gives whether there was one. The old row stays in the history."""
    deleted, _ = Merger.objects.filter(miner=miner.pk).delete()
    return deleted > 0


def _refused(code: str, sentence: str, field: str) -> Refusal:
    return Refusal(code, sentence, {field: sentence})
