"""Addresses of the compliance API."""

urlpatterns: list = []
