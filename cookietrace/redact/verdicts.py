"""The verdicts of a fold over the true values, with tokens in place of those values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import msgspec

from cookietrace.cookies import TABLE, Cookie, Finding
from cookietrace.events import Verdicts
from cookietrace.fold.exchange import JarChange
from cookietrace.fold.verdict_replay import verdicts_of
from cookietrace.redact.redactor import Redactor
from cookietrace.trace import Trace

_Struct = TypeVar("_Struct", bound=msgspec.Struct)

_KEPT = frozenset({"name", "cause", "reason", "profile", "exchange_id", "sources"})
"""Fields that hold a cookie's name, or one of our own words."""


_QUOTED = frozenset({"attribute", "text"})
"""Fields of a finding that hold a part of the Set-Cookie line."""


class VerdictRedactor:
    """Makes the ``verdicts`` events of one trace."""

    def __init__(self, trace: Trace, redactor: Redactor) -> None:
        self._trace = trace
        self._redactor = redactor
        self._cookies: dict[Cookie, Cookie] = {}
        changes: defaultdict[str, list[JarChange]] = defaultdict(list)
        for client in trace.clients:
            for change in trace.jar_changes(client.client_id):
                changes[change.exchange_id].append(change)
        self._changes: Mapping[str, list[JarChange]] = changes

    def verdicts(self, exchange_id: str) -> Verdicts:
        """Return what the trace says of one exchange, as it may leave the machine."""
        exchange = self._trace.exchange(exchange_id)
        told = verdicts_of(exchange, tuple(self._changes.get(exchange_id, ())))
        return Verdicts(
            exchange_id=exchange_id,
            at=exchange.request.at,
            content=msgspec.Raw(msgspec.json.encode(self._replaced(told))),
        )

    def _replaced(self, told: Any) -> Any:
        """Return any part of a verdict with its secrets replaced; only the names are kept."""
        if isinstance(told, str):
            return told if isinstance(told, Enum) else self._text(told)
        if isinstance(told, Cookie):
            known = self._cookies.get(told)
            if known is None:
                known = self._cookies[told] = self._struct(told)
            return known
        if isinstance(told, Finding):
            return self._finding(told)
        if isinstance(told, msgspec.Struct):
            return self._struct(told)
        if isinstance(told, tuple):
            parts = [self._replaced(part) for part in told]
            if hasattr(told, "_fields"):  # a cookie's key: its name first
                return type(told)(told[0], *parts[1:])
            return tuple(parts)
        return told

    def _struct(self, told: _Struct) -> _Struct:
        return type(told)(
            **{name: self._field(name, getattr(told, name)) for name in told.__struct_fields__}
        )

    def _finding(self, told: Finding) -> Finding:
        """Return a finding; what it quotes of a Set-Cookie's attributes may be a short secret."""
        values = zip(TABLE[told.code].fields, told.values, strict=True)
        return Finding(
            told.code,
            tuple(
                self._redactor.attribute(value) if field in _QUOTED else self._text(value)
                for field, value in values
            ),
        )

    def _field(self, name: str, content: Any) -> Any:
        if name in _KEPT:
            return content
        if not isinstance(content, str) or isinstance(content, Enum):
            return self._replaced(content)
        if name == "value":
            return self._redactor.value(content)
        if name in ("observed", "expected"):
            return self._redactor.cookie_header(content)
        if name == "raw":
            return self._redactor.set_cookie(content)
        return self._text(content)

    def _text(self, text: str) -> str:
        return self._redactor.text(text, cut=text.endswith("…"))
