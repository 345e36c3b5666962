"""Registration duty: whoever the norm addresses must stand in its register for as long as it operates."""

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet

from compliance.choices import NormKind
from compliance.rules.base import EVERYTHING, Rule, Scope, facts
from compliance.rules.ranges import Both, Less, Lower, days, union


class RegistrationDuty(Rule):
    """Persons of the named kinds may mine (or host) only while they stand in the register."""

    kind = NormKind.REGISTRATION_DUTY

    def duties(self, scope: Scope) -> QuerySet[Any]:
        """Addressed miners with `due`, days on which they must be registered, and `held`, those on which they are."""
        return self.addressed(scope).annotate(
            due=Both(days("operating"), days(self.in_force)),
            held=union("registrations__period", only=Q(registrations__register=self.norm.register_id)),
        )

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        return self.duties(scope).annotate(
            gap=Less(F("due"), F("held")), facts=facts(operating_from=Lower("operating"))
        )

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        """Nobody: the kind, the place and the first day of a miner are always on file."""
        return self.missing(scope.miners().none(), "")
