"""What no recording holds: the secret that proxy and witness share, and the marks made with it.

An app may show the headers of a request, or its environment with ``COOKIETRACE_SECRET``, in a
page, as they are or encoded. The browser gets that page unchanged; the capture gets it without
them.
"""

from __future__ import annotations

import base64

import msgspec

from cookietrace.events import Body, Browser, Failure, Headers, Request, Response, Server, encode
from cookietrace.witness.mark import MAC_TAG
from proxy_addon.flows.headers import ParsedHeaders
from proxy_addon.journal.spellings import Hidden, searchable

SECRET_SHOWN = "(secret)"  # noqa: S105 (what is shown in its place)
"""What is recorded instead of the secret."""

MARK_SHOWN = "(mark)"
"""What is recorded instead of the MAC in a mark; the rest of a mark is no secret."""

_MACS = Hidden(MAC_TAG, MARK_SHOWN, least=8, most=64)
"""The MACs of marks, also of those that are cut."""


class Secrecy:
    """Replaces the secret and the MACs of marks in what is recorded, in each usual spelling."""

    def __init__(self, secret: str) -> None:
        self._secret = Hidden(secret, SECRET_SHOWN)
        self._needles = (*_MACS.needles, *self._secret.needles)

    def found_in(self, text: str) -> bool:
        """Return whether a text may hold anything to replace."""
        searched = searchable(text)
        for needle in self._needles:  # noqa: SIM110 (any() takes twice as long)
            if needle in searched:
                return True
        return False

    def text(self, text: str, *, cut: bool = False) -> str:
        """Return a text without them.

        If it was ``cut``, the start of the secret at its end is replaced as well, from half
        the secret on: what is left to guess is long enough then.
        """
        searched = searchable(text)
        text = self._secret.replaced(_MACS.replaced(text, searched), searched)
        return self._secret.without_start(text) if cut else text

    def request(self, event: Request, headers: ParsedHeaders) -> Request:
        """Return a request without them; ``headers`` are its own."""
        if not self.found_in(f"{headers.values}\n{event.url}"):
            return event
        return msgspec.structs.replace(
            event, url=self.text(event.url), headers=self._headers(event.headers)
        )

    def response(self, event: Response, headers: ParsedHeaders) -> Response:
        """Return a response without them; ``headers`` are its own."""
        if not self.found_in(f"{headers.values}\n{event.reason}"):
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

    def browser(self, event: Browser) -> Browser:
        """Return what a browser said without them."""
        if not self.found_in(encode(event).decode()):
            return event
        plain = self._walk(msgspec.to_builtins(event))
        return msgspec.convert(plain, Browser)

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
