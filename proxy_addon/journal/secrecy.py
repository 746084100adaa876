"""What no recording holds: the secret that proxy and witness share, and the marks made with it.

An app may show the headers of a request, or its environment with ``COOKIETRACE_SECRET``, in a
page. The browser gets that page unchanged; the capture gets it without them.
"""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import msgspec

from cookietrace.events import Body, Failure, Headers, Request, Response, Server
from cookietrace.witness.mark import MAC_TAG
from proxy_addon.flows.headers import ParsedHeaders

SECRET_SHOWN = "(secret)"  # noqa: S105 (what is shown in its place)
"""What is recorded in place of the secret."""

MARK_SHOWN = "(mark)"
"""What is recorded in place of the MAC in a mark; the rest of a mark is no secret."""

_CUT_HERE = "…'\""
"""What may follow a text that was cut: how the witness shows that."""

_MAC = re.compile(re.escape(MAC_TAG) + "[0-9A-Fa-f]{8,64}")


def without_macs(text: str) -> str:
    """Return a text without the MACs of any marks in it, also of those that are cut."""
    return _MAC.sub(MARK_SHOWN, text) if MAC_TAG in text else text


class Secrecy:
    """Replaces the secret, in each usual spelling, and the MACs of marks in what is recorded."""

    def __init__(self, secret: str) -> None:
        self._spellings = _spellings(secret)
        self._plain = secret
        self._rest = self._spellings[1:]
        """The other spellings; none for a secret that we made."""

    def found_in(self, text: str) -> bool:
        """Return whether a text holds anything to replace."""
        if self._plain in text or MAC_TAG in text:
            return True
        return bool(self._rest) and any(spelling in text for spelling in self._rest)

    def text(self, text: str, *, cut: bool = False) -> str:
        """Return a text without them.

        If it was ``cut``, the start of the secret at its end is replaced as well, from half
        the secret on: what is left to guess is long enough then.
        """
        if self.found_in(text):
            text = without_macs(text)
            for spelling in self._spellings:
                text = text.replace(spelling, SECRET_SHOWN)
        return self._without_start(text) if cut else text

    def request(self, event: Request, headers: ParsedHeaders) -> Request:
        """Return a request without them; ``headers`` are its own."""
        if not (self.found_in(headers.values) or self.found_in(event.url)):
            return event
        return msgspec.structs.replace(
            event, url=self.text(event.url), headers=self._headers(event.headers)
        )

    def response(self, event: Response, headers: ParsedHeaders) -> Response:
        """Return a response without them; ``headers`` are its own."""
        if not (self.found_in(headers.values) or self.found_in(event.reason)):
            return event
        return msgspec.structs.replace(
            event, reason=self.text(event.reason), headers=self._headers(event.headers)
        )

    def body(self, event: Body) -> Body:
        """Return a body without them; its size is the one it had."""
        cut = event.truncated
        if event.content_type is not None and self.found_in(event.content_type):
            event = msgspec.structs.replace(event, content_type=self.text(event.content_type))
        if event.content is not None:
            if not cut and not self.found_in(event.content):
                return event
            return msgspec.structs.replace(event, content=self.text(event.content, cut=cut))
        if not event.base64:
            return event
        text = base64.b64decode(event.base64).decode("latin-1")
        hidden = self.text(text, cut=cut)
        if hidden == text:
            return event
        packed = base64.b64encode(hidden.encode("latin-1")).decode("ascii")
        return msgspec.structs.replace(event, base64=packed)

    def server(self, event: Server) -> Server:
        """Return the witness's report without them."""
        plain = msgspec.to_builtins(event)
        own = {name: self._walk(value) for name, value in plain.items()}
        own["exchange_id"] = event.exchange_id
        return event if own == plain else msgspec.convert(own, Server)

    def failure(self, event: Failure) -> Failure:
        """Return a failure without them."""
        host = event.host
        if not (self.found_in(event.message) or (host is not None and self.found_in(host))):
            return event
        return msgspec.structs.replace(
            event, message=self.text(event.message), host=host and self.text(host)
        )

    def _headers(self, headers: Headers) -> Headers:
        return tuple([(name, self.text(value)) for name, value in headers])

    def _walk(self, value: object) -> object:
        """Return plain data without them; the witness cuts long texts."""
        if isinstance(value, str):
            return self.text(value, cut=True)
        if isinstance(value, dict):
            return {key: self._walk(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple([self._walk(item) for item in value])
        return value

    def _without_start(self, text: str) -> str:
        """Return a text that does not end with more than half of the secret."""
        whole = text.rstrip(_CUT_HERE)
        end = text[len(whole) :]
        for spelling in self._spellings:
            for length in range(len(spelling) - 1, len(spelling) // 2, -1):
                if whole.endswith(spelling[:length]):
                    return whole[:-length] + SECRET_SHOWN + end
        return text


def _spellings(secret: str) -> tuple[str, ...]:
    """Return the secret as it is, and as it is written in HTML, JSON, URLs and Python."""
    in_html = html.escape(secret)
    other = {
        in_html,
        in_html.replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        json.dumps(secret)[1:-1],
        json.dumps(repr(secret)[1:-1])[1:-1],
        repr(secret)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
    }
    return (secret, *sorted(other - {secret}, key=len, reverse=True))
