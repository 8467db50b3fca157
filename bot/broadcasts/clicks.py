"""Clicks on URL buttons: counted under a token, by whom is not kept.

With a redirect base set, a button leads to <base>/<token>. `routes` is mounted by whatever HTTP
server answers at that base; it counts, and sends the visitor on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

_TOKEN = re.compile(r"^[A-Za-z0-9_-]{8,32}$")


class Links(Protocol):
    """BroadcastStore, as far as clicks need it."""

    def link(self, run_id: int, language: str, url: str) -> str: ...
    def click(self, token: str) -> str | None: ...


def rewriter(links: Links, base: str, run_id: int) -> Callable[[str, str], str]:
    """(language, url) -> the address to put on a button of a run; each token is asked for once."""
    known: dict[tuple[str, str], str] = {}

    def rewrite(language: str, url: str) -> str:
        if (language, url) not in known:
            known[language, url] = f"{base.rstrip('/')}/{links.link(run_id, language, url)}"
        return known[language, url]

    return rewrite


def follow(links: Links, token: str) -> str | None:
    """Counts a click; where it leads, or None for what is no token of ours."""
    return links.click(token) if _TOKEN.match(token) else None


def routes(links: Links, path: str = "/r") -> list[web.RouteDef]:
    """GET <path>/<token>: 302 to the button's address, 404 for an unknown token."""

    async def visit(request: web.Request) -> web.StreamResponse:
        url = follow(links, request.match_info["token"])
        if url is None:
            raise web.HTTPNotFound(text="This link is not known.")
        raise web.HTTPFound(
            url, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )

    return [web.get(path.rstrip("/") + "/{token}", visit, allow_head=False)]
