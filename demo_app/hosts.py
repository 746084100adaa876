"""The demo's made-up hosts, which its proxy routes to this app without DNS."""

from __future__ import annotations

from flask import Response, request

SHOP = "shop.test"
WWW = "www.shop.test"
API = "api.shop.test"
ADS = "ads.test"

NAMED = (SHOP, WWW, API, ADS)
"""The hosts that can only be reached through the proxy."""

ORIGINS = tuple(f"{scheme}://{host}" for host in NAMED for scheme in ("http", "https"))
"""The origins of the lessons' pages."""


def here() -> str | None:
    """Return which of these hosts the request is for; None for others, such as localhost."""
    host = request.host.partition(":")[0].lower()
    return host if host in NAMED else None


def readable_by_lessons(response: Response) -> Response:
    """Let scripts of the demo's sites read a response, with credentials (CORS)."""
    origin = request.headers.get("Origin")
    if origin in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        response.headers["Access-Control-Allow-Credentials"] = "true"
    response.vary.add("Origin")
    return response
