"""Mergers in the admin: that a miner is on file twice."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from registry.admin.base import ServiceAdmin
from registry.admin.refusals import ServiceForm
from registry.models import Merger
from registry.services.mergers import miner_merge, miner_unmerge


class MergerForm(ServiceForm):
    class Meta:
        model = Merger
        fields = ("miner", "same_as", "note")

    def perform(self) -> Merger:
        return miner_merge(**self.cleaned_data, user=self.request.user)


@admin.register(Merger)
class MergerAdmin(ServiceAdmin):
    add_form = MergerForm
    add_fields = ("miner", "same_as", "note")
    list_display = ("miner", "same_as", "made_by", "created_at")
    list_select_related = ("miner", "same_as", "made_by")
    list_filter = (("same_as", AutocompleteSelectFilter),)
    search_miner = "miner"
    search_fields = ("=miner__identifiers__value",)
    search_help_text = "The number or the name of the miner that is on file twice."
    autocomplete_fields = ("miner", "same_as")
    readonly_fields = ("miner", "same_as", "note", "made_by", "created_at")
    fieldsets = ((None, {"fields": (("miner", "same_as"), "note", ("made_by", "created_at"))}),)

    def has_delete_permission(self, request: HttpRequest, obj: Merger | None = None) -> bool:
        """Deleting it takes the statement back; both miners are as they were."""
        return request.user.has_perm("registry.delete_merger")

    def delete_model(self, request: HttpRequest, obj: Merger) -> None:
        miner_unmerge(miner=obj.miner)
