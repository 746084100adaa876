"""Stands before everything: who may ask, from where, and how much. It knows nothing about captures.

A page on another site can make a browser send requests here, or point a name of its own at this
machine (DNS rebinding). So the Host must be one of ours, a request to ``/api/`` must come from our
own page, and it needs the token, which only the address of the page holds.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cookietrace.web.options import Tokens
from cookietrace.web.refusals import RefusedError

MOST_HEADERS: Final = 64
LONGEST_HEADER: Final = 4096
LONGEST_QUERY: Final = 1024
LONGEST_PATH: Final = 256
LONGEST_BODY: Final = 1024

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

_EVERYWHERE: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"x-frame-options", b"DENY"),
)
_API_ONLY: Final = ((b"cache-control", b"no-store"),)
_STATIC: Final = ((b"cache-control", b"no-cache"),)

_OWN_SITES: Final = frozenset({b"same-origin", b"none"})
_METHODS: Final = frozenset({"GET", "HEAD"})
_HOST: Final = re.compile(
    r"(?:(?P<name>[a-z0-9_.-]{1,253})|\[(?P<address>[0-9a-f:.%]{2,64})\])(?::[0-9]{1,5})?"
)
PRESENTER: Final = "cookietrace.presenter"
"""Where a request's scope says whether it has the presenter's token."""


class Names:
    """The names by which a browser may call the server, whatever the port.

    ``ssh -L`` forwards from another port; and a name that someone has pointed at this machine is
    none of ours.
    """

    def __init__(self, host: str, names: Iterable[str] = ()) -> None:
        """``host`` is what it listens on, ``names`` are those of its certificate."""
        self._names = {host.strip("[]").lower(), "localhost", "127.0.0.1", "::1"}
        self._ends: set[str] = set()
        for name in names:
            if name.startswith("*."):
                self._ends.add(name[1:].lower())
            else:
                self._names.add(name.lower())

    def have(self, host: str, server: tuple[str, int | None] | None) -> bool:
        """Return whether a Host field is one of ours; ``server`` is this end of the connection.

        An IP address may also be that end's: nobody can point it elsewhere.
        """
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = (found["name"] or found["address"]).removesuffix(".")
        if name in self._names:
            return True
        if any(name.endswith(end) and "." not in name.removesuffix(end) for end in self._ends):
            return True
        address = _address(name)
        return address is not None and server is not None and address == _address(server[0])


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, names: Names, tokens: Tokens, *, scheme: str) -> None:
        if not (tokens.viewer and tokens.presenter):
            raise ValueError("a page without tokens would be open to everyone")
        self._app = app
        self._names = names
        self._viewer, self._presenter = tokens.viewer.encode(), tokens.presenter.encode()
        self._scheme = scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it in one line."""
        if scope["type"] != "http":
            return
        is_api = scope["path"].startswith("/api/") or scope["path"] == "/api"
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                extra = _API_ONLY if is_api else _STATIC
                message["headers"] = [*message.get("headers", ()), *_EVERYWHERE, *extra]
            await send(message)

        try:
            scope[PRESENTER] = self._checked(scope, is_api=is_api)
            await self._app(scope, _bounded(receive), sending)
        except RefusedError as error:
            if not begun:
                await refuse(error, sending)
        except Exception:
            if not begun:
                await refuse(RefusedError(500, "this is a bug in cookietrace"), sending)
            raise

    def _checked(self, scope: Scope, *, is_api: bool) -> bool:
        """Return whether the presenter asks. Raises ``RefusedError``."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(headers) > MOST_HEADERS or any(len(value) > LONGEST_HEADER for _, value in headers):
            raise RefusedError(431, "too many header fields, or one that is too long")
        if len(scope["path"]) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            raise RefusedError(414, "the address is too long")
        host = _only(headers, b"host", 400)
        if host is None or not self._names.have(host.decode("latin-1"), scope.get("server")):
            raise RefusedError(
                421, "this server does not have that name: open the address that it printed"
            )
        if not is_api:
            if scope["method"] not in _METHODS:
                raise RefusedError(405, "the page is read-only")
            return False
        origin = _only(headers, b"origin", 400)
        if origin is not None and origin != f"{self._scheme}://{host.decode('latin-1')}".encode():
            raise RefusedError(403, "only the page itself may ask")
        site = _only(headers, b"sec-fetch-site", 400)
        if site is not None and site not in _OWN_SITES:
            raise RefusedError(403, "only the page itself may ask")
        return self._is_presenter(_only(headers, b"authorization", 400) or b"")

    def _is_presenter(self, field: bytes) -> bool:
        """Return which of the two tokens a request has. Raises ``RefusedError`` without one."""
        scheme, _, token = field.partition(b" ")
        token = token.strip()
        presenter = hmac.compare_digest(token, self._presenter)
        viewer = hmac.compare_digest(token, self._viewer)
        if scheme.lower() != b"bearer" or not (viewer or presenter):
            raise RefusedError(
                401, "the token is missing or wrong: open the address that cookietrace printed"
            )
        return presenter


def _only(headers: list[tuple[bytes, bytes]], name: bytes, status: int) -> bytes | None:
    """Return the one value of a header field; None without it."""
    values = [value for key, value in headers if key == name]
    if len(values) > 1:
        raise RefusedError(status, f"more than one {name.decode()} field")
    return values[0] if values else None


def _bounded(receive: Receive) -> Receive:
    """Return what receives a body of at most ``LONGEST_BODY`` bytes."""
    size = 0

    async def receiving() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LONGEST_BODY:
            raise RefusedError(413, "the request is too long")
        return message

    return receiving


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


async def refuse(error: RefusedError, send: Callable[[Message], object] | Send) -> None:
    """Send a refusal: one line of JSON."""
    body = msgspec.json.encode({"error": error.line}) + b"\n"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if error.status in (413, 431, 503):
        headers.append((b"connection", b"close"))
    start: Message = {"type": "http.response.start", "status": error.status, "headers": headers}
    await send(start)  # type: ignore[misc]
    await send({"type": "http.response.body", "body": body})  # type: ignore[misc]
