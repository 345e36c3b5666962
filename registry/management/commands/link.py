"""`manage.py link`: the sightings of nobody known are linked anew, and pairs are drawn for review."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from registry.choices import RunStatus
from registry.errors import Refusal
from registry.selectors.linkage import linkage_quality
from registry.services.linkage import link_sightings
from registry.services.links import links_sample


class Command(BaseCommand):
    help = (
        "Links the sightings that name neither a known miner nor a metering point to miners on file and to earlier "
        "sightings. What clerks have said of pairs stays. Exit code 0, or 1 with a reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sample", type=int, metavar="N", help="Also draw N pairs at random for review.")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="The seed of that draw (1).")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = link_sightings(now=timezone.now())
            if run.status != RunStatus.DONE:
                raise CommandError(f"{run} failed, and the links are as they were: {run.failure}")
            self.stdout.write(
                f"{run}: {run.sightings} sightings of nobody known, {run.pairs} pairs weighed, {run.linked} linked,"
                f" {run.doubtful} doubtful ({run.parameters.get('origin', 'nothing to compare')})"
            )
            if options["sample"] is not None:
                drawn = links_sample(size=options["sample"], seed=options["seed"])
                self.stdout.write(f"{drawn} more pairs drawn for review")
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"quality: {linkage_quality().words}")
