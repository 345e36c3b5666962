"""How a clerk finds a miner: by a number in full, or by words of the name."""

from django.db.models import QuerySet

from registry.models import Identifier, Miner
from registry.services.identifiers import SCHEMES

MANY = 100


def miners_found(term: str) -> QuerySet[Miner]:
    """Miners with this identifier (`7707083893` or `ru.inn=7707083893`), or else with all these words in the name."""
    term = term.strip()
    scheme, equals, value = term.partition("=")
    # The index leads with the scheme: naming all of them lets it find a bare number.
    numbers = Identifier.objects.filter(scheme__in=SCHEMES, value=term)
    if equals:
        numbers = Identifier.objects.filter(scheme=scheme.strip().lower(), value=value.strip())
    holders = list(numbers.values_list("miner_id", flat=True)[:MANY])
    if holders or equals:
        return Miner.objects.filter(pk__in=holders)
    miners = Miner.objects.all()
    for word in term.split():
        miners = miners.filter(name__icontains=word)
    return miners
