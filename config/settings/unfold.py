"""Looks of the admin: its title, its front page and its sidebar."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Headframe",
    "SITE_HEADER": "Headframe",
    "SITE_SUBHEADER": "Register of crypto-mining",
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "compliance.admin.dashboard.dashboard_context",
    "SIDEBAR": {"show_search": True, "show_all_applications": True, "navigation": []},
}
