"""The miner's page with what the law makes of it: above the form, what it holds, breaches and owes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from compliance.admin.links import SEES_IMPEDIMENTS, explanation_for_page
from compliance.selectors.standing import standing_of_miner
from registry.admin.miners import MinerAdmin as RegisterMinerAdmin
from registry.admin.words import money_words
from registry.models import Miner

# What stands above the form is shown to those alone who may read all that it is drawn from.
DRAWN_FROM = (
    *(
        f"registry.view_{noun}"
        for noun in (
            "site",
            "device",
            "registration",
            "reading",
            "sighting",
            "declaration",
            "ownership",
            "account",
        )
    ),
    *(f"compliance.view_{noun}" for noun in ("finding", "norm", "penalty", "fine", "payment")),
)

admin.site.unregister(Miner)


@admin.register(Miner)
class MinerAdmin(RegisterMinerAdmin):
    change_form_outer_before_template = "compliance/miner_glance.html"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        miner = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if miner is not None and request.user.has_perms(DRAWN_FROM):
            standing = standing_of_miner(
                miner, timezone.localdate(), impediments=request.user.has_perm(SEES_IMPEDIMENTS)
            )
            context |= {
                "miner": miner,
                "standing": standing,
                "breaches": [explanation_for_page(breach) for breach in standing.breaches],
                "debts": [
                    {
                        name: money_words(getattr(debt, name), debt.currency)
                        for name in ("assessed", "paid", "outstanding", "overdue")
                    }
                    | {"is_overdue": bool(debt.overdue)}
                    for debt in standing.debts
                ],
            }
        return super().change_view(request, object_id, form_url, context)
