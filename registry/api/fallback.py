"""The last address below /api/: whatever no other one answers."""

from django.urls import re_path

from registry.api.problems import not_found

urlpatterns = [re_path("", not_found)]
