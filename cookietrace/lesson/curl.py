"""A request as a curl command that sends it again, for a POSIX shell."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from cookietrace.events import Body
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.display_text import authority
from cookietrace.lesson.hiding import Hiding, to_wire
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.safe_text import safe

LARGEST_BODY = 65_536
"""The most bytes of a body in a command; shells limit the size of an argument."""

_TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_LEFT_OUT = frozenset(
    {
        "accept-encoding",  # curl decodes what it asked for itself
        "connection",
        "content-length",
        "cookie",
        "expect",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""The headers that curl writes itself, or that concern one connection only."""

_UNSAFE_IN_URL = re.compile(r"[^!-~]")
_GLOBS = re.compile(r"[\[\]{}]")
_DOTS = re.compile(r"/\.{1,2}(?=[/?#]|$)")


def curl_command(exchange: Exchange, mask: Mask = unmasked) -> str:
    r"""Return the command, with one option on each line; empty if the URL is not http or https.

    It asks for the response's headers too. Bytes that are not printable are percent-encoded in
    the URL, and written as ``$'\ooo'`` elsewhere. A body that was not kept, is cut, is larger than
    ``LARGEST_BODY`` or has a NUL in it is left out: see ``body_left_out``. Cookie values are
    masked, also where longer ones occur elsewhere, and so are secrets that are known by names.
    """
    part = exchange.request
    if not re.match(r"https?://", part.url, re.IGNORECASE):
        return ""
    hide = Hiding(exchange, mask)
    url = _UNSAFE_IN_URL.sub(_percent, hide(part.url.partition("#")[0]))
    body = _body(exchange.request_body)
    options = ["-I" if part.method == "HEAD" and body is None else "-i"]
    if _GLOBS.search(url):
        options.append("-g")
    if _DOTS.search(url):
        options.append("--path-as-is")
    usual = {"GET", "HEAD"} if body is None else {"POST"}
    if part.method not in usual:
        plain = part.method.isascii() and part.method.isalpha()
        options.append(f"-X {part.method if plain else shell_quoted(part.method)}")
    lines = [f"curl {' '.join(options)} {shell_quoted(url)}"]
    lines += [f"-H {shell_quoted(header)}" for header in _headers(exchange, hide, body)]
    pairs = [
        f"{name}={to_wire(mask(value))}" if name else to_wire(mask(value))
        for name, value in part.pairs
    ]
    if pairs:
        lines.append(f"-H {shell_quoted('Cookie: ' + '; '.join(pairs))}")
    if _asks_for_compression(exchange):
        lines.append("--compressed")
    if body is not None:
        lines.append(f"--data-raw {shell_quoted(hide(body))}")
    return " \\\n  ".join(lines)


def body_left_out(exchange: Exchange) -> bool:
    """Return whether the request had a body that the command does not have."""
    if exchange.request_body is not None:
        return exchange.request_body.size > 0 and _body(exchange.request_body) is None
    return any(
        name.lower() == "content-length" and value.strip() not in ("", "0")
        for name, value in exchange.request.headers
    )


def shell_quoted(wire: str) -> str:
    r"""Return wire text as one word of a POSIX shell: ``'a b'``, or ``$'\351'``.

    The text must have no NUL.
    """
    data = wire.encode("latin-1")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and safe(text) == text:
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(map(_escaped, data)) + "'"


def _escaped(byte: int) -> str:
    if byte in b"\\'":
        return f"\\{chr(byte)}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _headers(exchange: Exchange, hide: Hiding, body: str | None) -> Iterator[str]:
    """Yield the headers to send; one without a value is written so that curl sends it."""
    part = exchange.request
    typed = False
    for name, value in part.headers:
        lower = name.lower()
        if not _TOKEN.fullmatch(name) or "\x00" in value or lower in _LEFT_OUT:
            continue
        if lower == "host" and value == authority(part.target):
            continue
        if lower == "content-encoding" and body is not None:
            continue  # the body was kept as it was before
        typed = typed or lower == "content-type"
        value = hide.field(name, value)
        yield f"{name}: {value}" if value else f"{name};"
    if body is not None and not typed:
        yield "Content-Type:"  # so that curl adds none


def _asks_for_compression(exchange: Exchange) -> bool:
    return any(name.lower() == "accept-encoding" for name, _ in exchange.request.headers)


def _body(body: Body | None) -> str | None:
    """Return a body's bytes as wire text; None if a command cannot have it."""
    if body is None or body.truncated or not 0 < body.size <= LARGEST_BODY:
        return None
    if body.content is not None:
        data = body.content.encode("utf-8", "surrogatepass")
    elif body.base64 is not None:
        try:
            data = base64.b64decode(body.base64, validate=True)
        except (binascii.Error, ValueError):
            return None
    else:
        return None
    return None if b"\x00" in data else data.decode("latin-1")


def _percent(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
