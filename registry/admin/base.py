"""What every page of the admin has in common: big lists without counting, periods in two boxes, frugal deletion."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from registry.admin.deletion import deletion_plan
from registry.admin.paging import CappedChangeList, CappedPaginator
from registry.admin.periods import PeriodField, began_already, took_effect_already
from registry.admin.refusals import ServiceForm
from registry.admin.search import miners_found

FIELDS: dict[type[models.Field], dict[str, Any]] = {
    DateRangeField: {"form_class": PeriodField},
    models.URLField: {"assume_scheme": "https"},
    models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})},
}


class KnownDaysMixin:
    """`known_days` names the days and periods that cannot begin after today, nor before all mining.

    `past_days` names those that may be older than all mining.
    """

    known_days: Sequence[str] = ()
    past_days: Sequence[str] = ()

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if db_field.name in self.known_days:
            field.validators.append(began_already)
        if db_field.name in self.past_days:
            field.validators.append(took_effect_already)
        return field


class NounAdmin(KnownDaysMixin, ModelAdmin):
    """One noun that a clerk keeps.

    A search tries each field marked “=” for the whole term first, as an index can answer that; then words in the
    other fields, which must be indexed by trigrams or small; then the miner at `search_miner`.
    """

    formfield_overrides = FIELDS
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # a count beside each choice of a filter would read the whole table
    list_per_page = 50
    list_filter_submit = True
    warn_unsaved_form = True
    actions = None  # deleting many at once is a matter for the command line
    sortable_by: Sequence[str] | None = ()  # sorting a million rows by an unindexed column is not
    ordering: Sequence[str] = ("-id",)
    empty_value_display = "—"
    search_miner = ""
    computed = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return CappedChangeList

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A choice without a default starts empty: the first of the list would be filed without being meant."""
        if "choices" not in kwargs and not db_field.has_default():
            kwargs["choices"] = db_field.get_choices(blank_choice=[("", "Select value")])
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        for field in self.search_fields:
            if field.startswith("="):
                found = queryset.filter(**{field[1:]: term})
                if found.exists():
                    return found, False
        anywhere = Q()
        for field in self.search_fields:
            if not field.startswith("="):
                anywhere |= Q(*[Q(**{f"{field}__icontains": word}) for word in term.split()])
        if self.search_miner:
            anywhere |= Q(**{f"{self.search_miner}__in": miners_found(term)})
        return (queryset.filter(anywhere) if anywhere else queryset.none()), False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion_plan(list(objs), request, self.admin_site)


class NounInline(KnownDaysMixin, TabularInline):
    formfield_overrides = FIELDS
    extra = 0
    per_page = 20
    tab = True
    show_change_link = True


class ReadOnlyAdmin(NounAdmin):
    """One noun that the service computes or loads: to be read, never edited."""

    computed = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ServiceAdmin(NounAdmin):
    """One noun that only a service makes; afterwards its state changes by actions, so the rest is read-only."""

    keeps_notes = False  # whether anything on the page of a stored row can be edited
    add_form: type[ServiceForm]
    add_fields: Sequence[Any] = ()

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        form = super().get_form(request, obj, change, form=self.add_form, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": self.add_fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> Any:
        return super().get_inlines(request, obj) if obj else []

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """One button: what comes next is shown on the page of what was made."""
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_button})

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False, "show_save": self.keeps_notes}
        return super().change_view(request, object_id, form_url, {**buttons, **(extra_context or {})})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"Done: {obj}.")
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        )

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: Any) -> None:
        """The service has stored it while the form was checked."""
        if change:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
