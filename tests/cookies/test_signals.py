"""What the headers of one request show about its context (Fetch, Fetch Metadata)."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cookietrace.cookies.request.signals import context_headers, read_signals


class Row(NamedTuple):
    """Headers in one line, and the kind and credentials they show."""

    headers: str
    kind: str
    credentials: str
    sources: str = ""
    method: str = "GET"


SITE, MODE, DEST = "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"
ALL = f"{SITE} {MODE} {DEST}"

ROWS = [
    Row("", "within", "unknown"),
    Row("X-Other: 1; Host: shop.test", "within", "unknown"),
    Row("Cookie: a=1", "within", "include", "Cookie"),
    Row("Upgrade-Insecure-Requests: 1", "navigation", "include", "Upgrade-Insecure-Requests"),
    Row("Upgrade-Insecure-Requests: 0", "within", "unknown"),
    Row(f"{SITE}: none; {MODE}: navigate; {DEST}: document", "page", "include", ALL),
    Row(f"{SITE}: none; {MODE}: navigate", "navigation", "include", f"{SITE} {MODE}"),
    Row(f"{SITE}: cross-site; {MODE}: navigate; {DEST}: iframe", "frame", "include", ALL),
    Row(f"{MODE}: navigate; {DEST}: embed", "frame", "include", f"{MODE} {DEST}"),
    Row("Upgrade: WebSocket; Origin: https://a.test", "within", "include", "Upgrade"),
    Row(f"{SITE}: same-origin; {MODE}: websocket; {DEST}: empty", "within", "include", ALL),
    Row(f"{SITE}: cross-site; {MODE}: no-cors; {DEST}: image", "within", "include", ALL),
    Row(f"{SITE}: cross-site; {MODE}: no-cors; {DEST}: empty", "within", "unknown", ALL),
    Row(f"{SITE}: same-origin; {MODE}: cors; {DEST}: script", "within", "include", ALL),
    Row(f"{SITE}: same-site; {MODE}: cors; {DEST}: script", "within", "unknown", ALL),
    Row(f"{SITE}: same-origin; {MODE}: cors; {DEST}: font", "within", "include", ALL),
    Row(f"{SITE}: cross-site; {MODE}: cors; {DEST}: font", "within", "omit", ALL),
    Row(f"{SITE}: same-origin; {MODE}: cors; {DEST}: empty", "within", "unknown", ALL),
    Row(
        f"{SITE}: same-origin; {MODE}: cors; {DEST}: empty; Cookie: a=1",
        "within",
        "include",
        ALL + " Cookie",
    ),
    Row(
        f"{SITE}: cross-site; {MODE}: cors; {DEST}: empty; access-control-request-method: PUT",
        "within",
        "omit",
        ALL + " Access-Control-Request-Method",
        "OPTIONS",
    ),
    Row("Access-Control-Request-Method: PUT", "within", "unknown"),
    Row("Accept: image/avif,*/*", "within", "include", "Accept"),
    Row("Accept: text/css,*/*", "within", "include", "Accept"),
    Row("Accept: image/avif; Origin: http://a.test", "within", "unknown"),
    Row("Accept: */*", "within", "unknown"),
    Row(
        f"{MODE}: navigate; {DEST}: document; Sec-Purpose: prefetch",
        "page",
        "unknown",
        f"{MODE} {DEST} Sec-Purpose",
    ),
]


def headers(text: str) -> tuple[tuple[str, str], ...]:
    """Return the headers written in one line."""
    pairs = (part.split(": ", 1) for part in text.split("; ") if part)
    return tuple((name, value) for name, value in pairs)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.headers[:60])
def test_headers_show_kind_and_credentials(row: Row) -> None:
    """The kind, the credentials and the source headers are derived from the headers alone."""
    signals = read_signals(row.method, context_headers(headers(row.headers))[0])
    assert (signals.kind.value, signals.credentials.value) == (row.kind, row.credentials)
    assert " ".join(signals.sources) == row.sources


def test_opaque_and_unknown_values_are_ignored() -> None:
    """An opaque Origin and an unknown Sec-Fetch-Site count as absent, in any case."""
    signals = read_signals(
        "GET", context_headers(headers("origin: null; sec-fetch-site: whatever; referer: x"))[0]
    )
    assert (signals.origin, signals.fetch_site, signals.referer) == (None, None, "x")


def test_crumbs_of_the_cookie_header_are_joined() -> None:
    """RFC 9113 8.2.3 lets HTTP/2 split Cookie; names match in any case, but only whole."""
    found, cookie = context_headers(
        [("cookie", "a=1"), ("Accept", "x"), ("COOKIE", "b=2"), ("Cookey", "")]
    )
    assert (found, cookie) == ((("Cookie", ""), ("Accept", "x")), "a=1; b=2")
    assert context_headers([("Host", "shop.test")]) == ((), "")
