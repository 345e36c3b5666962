"""Looks of the admin: its title, its front page, its sidebar and its colours."""

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Headframe",
    "SITE_HEADER": "Headframe",
    "SITE_SUBHEADER": "Register of crypto-mining",
    "SITE_URL": None,
    "SITE_ICON": lambda request: static("registry/favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("registry/favicon.svg")}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "compliance.admin.dashboard.dashboard_context",
    "STYLES": [lambda request: static("registry/headframe.css")],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "compliance.admin.navigation.navigation",
    },
    # Teal, a step darker than usual from 500 on, so that white text on it can be read.
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(70.4% .14 182.503)",
            "600": "oklch(51.1% .096 186.391)",
            "700": "oklch(43.7% .078 188.216)",
            "800": "oklch(38.6% .063 188.416)",
            "900": "oklch(33% .053 190)",
            "950": "oklch(27.7% .046 192.524)",
        },
    },
}
