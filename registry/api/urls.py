"""Addresses of the registry API."""

urlpatterns: list = []
