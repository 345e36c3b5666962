"""One run: the register is made, then measured from file to page."""

from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from bench import estimates, measures
from bench.figures import Figure, keep, show
from bench.service import running
from registry.management.commands.sample import device_models, places
from registry.sample.files import sample_write
from registry.services.tokens import token_create


def bench(folder: Path, size: int, seed: int) -> None:
    """Measure everything for `size` miners drawn from the seed; prints each figure as it comes and keeps them all."""
    figures = []
    for figure in _figures(folder, size, seed):
        show(figure)
        figures.append(figure)
    keep(figures)


def _figures(folder: Path, size: int, seed: int) -> Iterator[Figure]:
    day = timezone.localdate()
    call_command("migrate", verbosity=0)
    for command in (("seed",), ("law", "load", "--all"), ("schedules",)):
        call_command(*command, verbosity=0)
    print(f"{size:,} synthetic miners, as of {day}", flush=True)
    sample_write(
        folder=folder, miners=size, seed=seed, as_of=day, places=places(), models=device_models(), progress=_quiet
    )
    yield from estimates.measures()
    yield from measures.imports(folder, day)
    yield from measures.recomputation(day)
    yield from measures.scenarios(day)
    user = get_user_model().objects.create_superuser("bench", password=None)
    _, token = token_create(user=user, name="bench")
    with running(token) as service:
        yield from measures.freshness(day)
        yield from measures.pages(service)
        yield from measures.export(service)


def _quiet(done: int) -> None:
    """The bench prints figures, not progress."""
