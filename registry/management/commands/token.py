"""`manage.py token`: make an API token for a user and print it, once."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.errors import Refusal
from registry.services.tokens import token_create


class Command(BaseCommand):
    help = "Make an API token for a user. Its text is printed once, on standard output, and cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="log-in name of the user for whom the token speaks")
        parser.add_argument("--name", required=True, help="what uses it, such as “nightly load of the grid operator”")
        parser.add_argument("--read-only", action="store_true", help="refuse every write, whatever the user may do")
        parser.add_argument("--days", type=int, help="days until it expires; without it, it does not expire")

    def handle(self, *args: Any, **options: Any) -> None:
        model = get_user_model()
        try:
            user = model.objects.get_by_natural_key(options["user"])
        except model.DoesNotExist:
            raise CommandError(f"There is no user named {options['user']}.") from None
        days = options["days"]
        if days is not None and not 1 <= days <= 3650:
            raise CommandError(f"--days {days}: give a number of days from 1 to 3650.")
        try:
            token, text = token_create(
                user=user,
                name=options["name"],
                read_only=options["read_only"],
                expires_at=None if days is None else timezone.now() + dt.timedelta(days=days),
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stderr.write(f"Token {token.pk} for {user}. Keep it now: it is not shown again.")
        self.stdout.write(text)
