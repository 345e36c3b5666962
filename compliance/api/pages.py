"""The pages of docs/ as the service shows them, open to everybody: the files themselves, so that both say the same."""

import re
from functools import lru_cache
from pathlib import Path
from posixpath import normpath
from urllib.parse import urldefrag

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(settings.BASE_DIR) / "docs"


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """What is served: the address of each Markdown file below docs/, without its ending."""
    return frozenset(file.relative_to(DOCS).with_suffix("").as_posix() for file in DOCS.rglob("*.md"))


def slug(heading: str) -> str:
    """The anchor of a heading, as repositories give it: `W07 unstable` is `w07-unstable`."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@lru_cache(maxsize=128)
def shown(name: str) -> tuple[str, SafeString]:
    """Title and HTML of a page. Headings have anchors; links to other files of docs/ lead to their pages."""
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse((DOCS / f"{name}.md").read_text(encoding="utf-8"))
    title = ""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            title = title or following.content
            token.attrSet("id", slug(following.content))
        for child in token.children or ():
            _lead(child, name)
    # Written by the project, and read from its own files alone.
    return title, mark_safe(reader.renderer.render(tokens, reader.options, {}))


def _lead(token: Token, name: str) -> None:
    target, fragment = urldefrag(str(token.attrGet("href") or ""))
    if token.type != "link_open" or not target.endswith(".md"):
        return
    other = normpath(f"{name}/../{target}").removesuffix(".md")
    if other in names():
        token.attrSet("href", f"/docs/{other}{'#' if fragment else ''}{fragment}")


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    if name not in names():
        raise Http404
    title, content = shown(name)
    return render(request, "compliance/page.html", {"title": title, "content": content})


urlpatterns = [path("<path:name>", page, name="page")]
