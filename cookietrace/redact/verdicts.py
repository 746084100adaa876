"""The verdicts on the true values, with tokens instead of those values."""

from __future__ import annotations

from typing import Any

import msgspec

from cookietrace.cookies import Cookie
from cookietrace.cookies.verdicts import CHOICES
from cookietrace.events import Verdicts
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.verdict_record import AsItIs, Facts, JarCookie, encode_record
from cookietrace.lesson.explain import Explainer
from cookietrace.redact.redactor import Redactor
from cookietrace.trace import Trace

_QUOTED = frozenset({"attribute", "text"})
"""Facts that quote a part of the Set-Cookie line."""

_PLACES = frozenset({"domain", "path", "other_domain", "other_path", "meant", "request_path"})
"""Facts that hold a Domain or a Path, to which a cookie may have been joined."""

_REMEMBERED = 10_000


class VerdictRedactor:
    """Makes the ``verdicts`` events of one trace."""

    def __init__(self, trace: Trace, redactor: Redactor) -> None:
        self._trace = trace
        self._explainer = Explainer(trace)
        self._tokens = _Tokens(redactor)

    def grown(self) -> None:
        """Take note that the trace has grown since verdicts were made."""
        self._explainer = Explainer(self._trace)

    def verdicts(self, exchange: Exchange, *, revised: bool = False) -> Verdicts:
        """Return the verdicts on one exchange of the trace, as they may leave the machine.

        ``revised`` ones take the place of those that were made before.
        """
        record = self._explainer.record(exchange, self._tokens)
        return Verdicts(
            exchange_id=exchange.exchange_id,
            at=exchange.request.at,
            content=msgspec.Raw(encode_record(record)),
            revised=revised,
        )


class _Tokens(AsItIs):
    """Makes the fields of a record with tokens instead of secrets."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._cookies: dict[int, tuple[Cookie, JarCookie]] = {}
        """By the identity of the cookie, which is kept: it is compared much faster than a value."""

    def name(self, name: str) -> str:
        """Return the name of a cookie."""
        return self._redactor.name(name)

    def value(self, value: str) -> str:
        """Return the value of a cookie."""
        return self._redactor.value(value)

    def line(self, line: str) -> str:
        """Return a Set-Cookie line."""
        return self._redactor.set_cookie(line)

    def header(self, header: str) -> str:
        """Return a Cookie header."""
        return self._redactor.cookie_header(header)

    def url(self, url: str) -> str:
        """Return a URL."""
        return self._redactor.field(url)

    def place(self, place: str) -> str:
        """Return a Domain or a Path."""
        return self._redactor.place(place)

    def text(self, text: str) -> str:
        """Return any other text."""
        return self._redactor.text(text)

    def facts(self, facts: Facts) -> Facts:
        """Return the facts of a reason."""
        return {name: self._fact(name, fact) for name, fact in facts.items()}

    def _fact(self, name: str, fact: Any) -> Any:
        """Return one fact; what it quotes of a Set-Cookie line may be a short secret."""
        if not isinstance(fact, str) or name in CHOICES:
            return fact
        if name in _PLACES:
            return self._redactor.place(fact, cut=fact.endswith("…"))
        if name in _QUOTED:
            return self._redactor.attribute(fact)
        return self._redactor.text(self._redactor.name(fact), cut=fact.endswith("…"))

    def cookie(self, cookie: Cookie) -> JarCookie:
        """Return a cookie of a jar; most are met in one exchange after another."""
        known = self._cookies.get(id(cookie))
        if known is not None:
            return known[1]
        partition = cookie.partition_key
        fields = msgspec.structs.asdict(cookie)
        fields["name"] = self._redactor.name(cookie.name)
        fields["value"] = self._redactor.value(cookie.value)
        fields["domain"] = self._redactor.place(cookie.domain)
        fields["path"] = self._redactor.place(cookie.path)
        fields["partition_key"] = None if partition is None else self._redactor.text(partition)
        if len(self._cookies) >= _REMEMBERED:
            self._cookies.clear()
        entry = JarCookie(**fields)
        self._cookies[id(cookie)] = cookie, entry
        return entry
