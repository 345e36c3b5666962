"""What loading a pack stores, and what it leaves alone."""

from compliance.law.load import PACKS, law_load
from compliance.models import LawPack, StaleMark


def test_nothing_is_written_when_a_pack_is_loaded_twice(ru_law: LawPack) -> None:
    StaleMark.objects.all().delete()

    outcome = law_load(PACKS / "ru.yaml")

    assert not outcome.changes
    assert not StaleMark.objects.exists()
