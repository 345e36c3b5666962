"""The factories themselves: every one makes a row that the model and the database accept."""

import pytest

from tests import factories

FACTORIES = [
    (factories.TerritoryFactory, ["country", "municipality"]),
    (factories.MinerFactory, ["entrepreneur", "individual", "operator", "pool", "foreign", "stopped"]),
    (factories.IdentifierFactory, []),
    (factories.OwnershipFactory, ["named", "share_unknown"]),
    (factories.AccountFactory, ["nothing_known"]),
    (factories.ImpedimentFactory, ["conviction", "power_business", "lifted"]),
    (factories.SiteFactory, ["hosted", "disclosed", "in_data_centre", "off_the_grid", "closed"]),
    (factories.RegisterFactory, ["operators"]),
    (factories.RegistrationFactory, ["pending", "refused", "suspended", "excluded"]),
    (factories.SightingFactory, ["known"]),
    (factories.ReadingFactory, ["above_limit"]),
    (factories.DeclarationFactory, ["late", "quarterly", "full", "bare"]),
    (factories.DeviceModelFactory, []),
    (factories.DeviceFactory, ["batch"]),
    (factories.UserFactory, ["staff", "superuser"]),
]
CASES = [(factory, trait) for factory, traits in FACTORIES for trait in [None, *traits]]


@pytest.mark.django_db
@pytest.mark.parametrize(("factory", "trait"), CASES)
def test_row_is_valid_when_a_factory_makes_it(factory, trait):
    row = factory(**({trait: True} if trait else {}))

    row.refresh_from_db()
    row.full_clean()
