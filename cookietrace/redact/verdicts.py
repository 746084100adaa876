"""The verdicts on the true values, with tokens in place of those values."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

import msgspec

from cookietrace.cookies.verdicts import CHOICES
from cookietrace.events import Verdicts
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.verdict_record import JarCookie, encode_record
from cookietrace.lesson.explain import Explainer
from cookietrace.redact.redactor import Redactor
from cookietrace.trace import Trace

_Struct = TypeVar("_Struct", bound=msgspec.Struct)

_KEPT = frozenset(
    {
        "cause",
        "client_id",
        "exchange_id",
        "kind",
        "profile",
        "reason",
        "reasons",
        "refused_in",
        "rests_on",
        "set_in",
        "settled_by",
        "sources",
        "status",
        "storage_access",
        "two_jars",
        "warnings",
    }
)
"""Fields that hold a cookie's name, an id, or a word of our own."""

_HEADERS = frozenset({"observed_cookie_header", "expected_cookie_header"})

_QUOTED = frozenset({"attribute", "text"})
"""Facts that quote a part of the Set-Cookie line."""


_PLACES = frozenset({"domain", "path", "other_domain", "other_path", "meant", "request_path"})
"""Fields and facts that hold a Domain or a Path, to which a cookie may have been joined."""


class VerdictRedactor:
    """Makes the ``verdicts`` events of one trace."""

    def __init__(self, trace: Trace, redactor: Redactor) -> None:
        self._explainer = Explainer(trace)
        self._redactor = redactor
        self._cookies: dict[JarCookie, JarCookie] = {}

    def verdicts(self, exchange: Exchange) -> Verdicts:
        """Return the verdicts on one exchange of the trace, as they may leave the machine."""
        record = self._struct(self._explainer.record(exchange))
        return Verdicts(
            exchange_id=exchange.exchange_id,
            at=exchange.request.at,
            content=msgspec.Raw(encode_record(record)),
        )

    def _struct(self, entry: _Struct) -> _Struct:
        return type(entry)(
            **{name: self._field(name, getattr(entry, name)) for name in entry.__struct_fields__}
        )

    def _field(self, name: str, content: Any) -> Any:
        """Return the content of one field of a record with its secrets replaced."""
        if name in _KEPT or content is None or isinstance(content, Enum):
            return content
        if isinstance(content, tuple):
            return tuple([self._field(name, part) for part in content])
        if isinstance(content, dict):
            return {fact: self._fact(fact, value) for fact, value in content.items()}
        if type(content) is JarCookie:
            known = self._cookies.get(content)
            if known is None:
                known = self._cookies[content] = self._struct(content)
            return known
        if isinstance(content, msgspec.Struct):
            return self._struct(content)
        return self._text(name, content) if isinstance(content, str) else content

    def _text(self, name: str, text: str) -> str:
        """Return the text of one field."""
        if name in ("name", "around"):
            return self._redactor.name(text)
        if name == "value":
            return self._redactor.value(text)
        if name == "raw":
            return self._redactor.set_cookie(text)
        if name == "url":
            return self._redactor.field(text)
        if name in _HEADERS:
            return self._redactor.cookie_header(text)
        if name in _PLACES:
            return self._redactor.place(text)
        return self._redactor.text(text)

    def _fact(self, name: str, fact: Any) -> Any:
        """Return one fact; what it quotes of a Set-Cookie line may be a short secret."""
        if not isinstance(fact, str) or name in CHOICES:
            return fact
        if name in _PLACES:
            return self._redactor.place(fact, cut=fact.endswith("…"))
        if name in _QUOTED:
            return self._redactor.attribute(fact)
        return self._redactor.text(self._redactor.name(fact), cut=fact.endswith("…"))
