"""How single words are written: one rule for the panel, the API and files."""

import re

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
"""A currency by its code of ISO 4217."""

CONTENT = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
"""Something that a declaration may hold besides its amount, such as addresses."""
