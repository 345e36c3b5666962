"""Forms whose writing is a service's: its refusals stand at the fields that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction

from registry.errors import Refusal


@contextmanager
def refusals_at(form: forms.BaseForm) -> Iterator[None]:
    """Turn a refusal into errors of the form, at the fields that it names and that the form has."""
    try:
        yield
    except Refusal as refusal:
        named = [name for name in refusal.fields if name in form.fields]
        for name in named:
            form.add_error(name, refusal.fields[name] if len(named) > 1 else refusal.sentence)
        if not named:
            form.add_error(None, refusal.sentence)


class ServiceForm(forms.ModelForm):
    """A form that a service stores.

    The service is asked while the form is checked, for only there can its refusal still be shown beside the field.
    It is the last check of all, so what it stored is not followed by another error.
    """

    request: Any = None

    def perform(self) -> models.Model:
        """Call the service with `self.cleaned_data` and give the stored row back."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            with refusals_at(self), transaction.atomic():
                self.instance = self.perform()
        except ValidationError as error:
            self.add_error(None, error.messages)
