"""The demo's two visits without a user: by a headless Chromium, or by our own HTTP client."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from urllib.parse import urlsplit

import cookietrace
from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    Credentials,
    RequestContext,
    Site,
    default_public_suffixes,
    parse_target,
)
from cookietrace.errors import LaunchError
from cookietrace.supervision.browsers import Browser, Listening, launch
from cookietrace.supervision.devtools import DevTools

CLIENT_SECONDS = 20.0


def visit_with_chromium(
    browser: Browser, url: str, *, proxy: str, ca: Path | None, listening: Listening | None = None
) -> None:
    """Visit ``url`` twice in one fresh headless Chromium; raises ``LaunchError``.

    With ``listening``, what it says about its cookies is recorded.
    """
    devtools = DevTools()
    try:
        launched = launch(
            browser, proxy=proxy, ca=ca, headless=True, devtools=devtools, listening=listening
        )
        try:
            session = devtools.open_page()
            devtools.visit(url, session)
            devtools.visit(url, session)
        finally:
            launched.close()
    finally:
        devtools.close()


def visit_with_own_client(url: str, *, proxy: str) -> None:
    """Visit a plain-http ``url`` twice through the proxy, keeping cookies as a browser does.

    Raises ``LaunchError`` if the proxy cannot be reached or does not respond.
    """
    jar = CookieJar(PROFILES["spec"], default_public_suffixes())
    target = parse_target(url)
    context = RequestContext(
        site=Site.SAME,
        top_level=True,
        unsafe=False,
        credentials=Credentials.INCLUDE,
        top_level_site=None,
        certain=True,
        sources=(),
    )
    for _ in range(2):
        headers = {
            "Host": urlsplit(url).netloc,
            "User-Agent": f"cookietrace/{cookietrace.__version__}",
            "Accept": "*/*",
        }
        cookie = jar.select(target, context, time.time()).header
        if cookie:
            headers["Cookie"] = cookie
        for line in _get(url, proxy, headers):
            jar.store(line, target, context, time.time())


def _get(url: str, proxy: str, headers: dict[str, str]) -> list[str]:
    """Request ``url`` through the proxy and return the response's Set-Cookie lines."""
    connection = http.client.HTTPConnection(proxy, timeout=CLIENT_SECONDS)
    try:
        connection.request("GET", url, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.headers.get_all("Set-Cookie", [])
    except (OSError, http.client.HTTPException) as error:
        raise LaunchError(f"the proxy at {proxy} did not respond: {error}") from error
    finally:
        connection.close()
