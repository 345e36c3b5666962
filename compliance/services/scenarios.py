"""Scenarios that people keep: made under a code of their own, and deleted by whoever made them."""

import secrets
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from compliance.models import LawPack, Scenario
from registry.errors import Refusal

PREFIX = "my."
"""What the codes of scenarios made by people begin with, so that no pack's can be among them."""


def scenario_create(
    *,
    pack: LawPack,
    title: str,
    changes: list[dict[str, Any]],
    note: str = "",
    code: str = "",
    user: AbstractBaseUser | None = None,
) -> Scenario:
    """Keep a scenario whose changes have been read; without a code it gets one by chance."""
    if code and not code.startswith(PREFIX):
        sentence = f"The code of a scenario that you make begins with “{PREFIX}”, as in {PREFIX}{code}."
        raise Refusal("scenario_code_of_a_pack", sentence, {"code": sentence})
    scenario = Scenario(
        code=code or f"{PREFIX}{secrets.token_hex(5)}",
        title=title,
        note=note,
        pack=pack,
        changes=changes,
        created_by_id=user.pk if user else None,
    )
    with transaction.atomic():
        scenario.save(force_insert=True)
    return scenario


def scenario_delete(*, scenario: Scenario, user: Any) -> None:
    """Delete a scenario of one's own; those that came with a pack stay as long as the pack has them."""
    if scenario.ready_made:
        raise Refusal("scenario_ready_made", f"Scenario {scenario.code} came with its pack and stays with it.")
    if scenario.created_by_id != user.pk and not user.is_superuser:
        raise Refusal(
            "scenario_of_another", f"Scenario {scenario.code} is somebody else's: only who made it may delete it."
        )
    scenario.delete()
