"""What ``explain --json`` prints, with tokens instead of secrets from the start.

The real values are folded, once, and each field that may hold a secret gets its token as the
exchange is printed. The result is that of explaining a redacted copy, which would be folded as
well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from cookietrace.events import Event
from cookietrace.follow import folded
from cookietrace.judging import made_of_verdicts
from cookietrace.lesson.explain import Explainer, shorten
from cookietrace.lesson.explained import (
    Absent,
    ByScript,
    Context,
    Explained,
    Gone,
    InJar,
    NotSent,
    OwnVerdict,
    OwnWord,
    Sent,
)
from cookietrace.lesson.made_early import StructCodec
from cookietrace.lesson.repeated import CONTEXT, REQUEST_COOKIES, Packed, Repeated
from cookietrace.redact.key import redaction_key
from cookietrace.redact.redactor import Redactor
from cookietrace.secret_names import TABLE_ONLY, Names

_REMEMBERED = 10_000
_REMEMBERED_HEADERS = 100
_REMEMBERED_FIELDS = 1000


def redacted_explanations(
    events: Iterable[Event],
    *,
    browser: str = "auto",
    key: bytes | None = None,
    names: Names = TABLE_ONLY,
    jar: bool = False,
    all_withheld: bool = False,
) -> Iterator[Explained]:
    """Yield one object per exchange as it may leave the machine, in the order of the requests.

    ``jar`` and ``all_withheld`` are as for ``cookietrace.lesson.explain``, all else is as for
    ``cookietrace.redact.redacted``. The events are read once.
    """
    redactor = Redactor(b"" if key is None else key, names)
    verdicts_do = not (jar or all_withheld)
    pages: Iterable[list[Any]] = ()
    if verdicts_do:
        make, codec = Repeated().packed, StructCodec(Packed)
        trace, pages = made_of_verdicts(events, make, codec, browser, redactor.learning)
    else:
        trace = folded(events, browser, redactor.learning)
    if key is None:
        capture = trace.capture
        redactor.key = redaction_key(capture.capture_id if capture is not None else "")
    hiding = Hiding(redactor)
    if not verdicts_do:
        explainer = Explainer(trace)
        for exchange in trace.exchanges:
            yield explainer.explained(
                exchange, jar=jar, all_withheld=all_withheld, hide=hiding.hide
            )
        return
    for page in pages:
        for packed in page:
            explained = hiding.unpacked(packed)
            shorten(explained)
            yield explained


_decode_context = msgspec.json.Decoder(Context).decode
_decode_sent = msgspec.json.Decoder(list[Sent]).decode
_encode = msgspec.json.Encoder().encode


def _remember(known: dict[bytes, msgspec.Raw], encoded: bytes, replaced: object) -> msgspec.Raw:
    """Return what replaces an encoded field, encoded as well."""
    if len(known) >= _REMEMBERED_FIELDS:
        known.clear()
    raw = known[encoded] = msgspec.Raw(_encode(replaced))
    return raw


class Hiding:
    """Replaces the secrets of what is printed, field by field."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._cookies: dict[tuple[str, str, str, str], tuple[str, str, str, str]] = {}
        """What the cookies of the headers become; a client sends the same ones again and again."""
        self._headers: dict[str, str] = {}
        """What the Cookie headers become, which are sent again until one of the cookies changes."""
        self._contexts: dict[bytes, msgspec.Raw] = {}
        self._sent: dict[bytes, msgspec.Raw] = {}
        """What the JSON of contexts, and of the cookies of a request, becomes."""
        self._text = redactor.text
        self._value = redactor.value
        self._name = redactor.name
        self._place = redactor.place
        self._header = redactor.cookie_header

    def unpacked(self, packed: Any) -> Explained:
        """Return a ``Packed`` exchange with its secrets replaced; the two JSON fields are raw."""
        *values, edited, browser, scripts = msgspec.structs.astuple(packed)
        context, cookies = packed.context, packed.request_cookies
        values[CONTEXT] = self._contexts.get(context) or self._new_context(context)
        values[REQUEST_COOKIES] = self._sent.get(cookies) or self._new_sent(cookies)
        printed = Explained(*values)
        if edited is not None:
            printed.edited = edited
        if browser is not None:
            printed.browser = browser
        if scripts is not None:
            printed.scripts = scripts
        self._hide_others(printed)
        return printed

    def _new_context(self, encoded: bytes) -> msgspec.Raw:
        """Return the JSON of a context with its secrets replaced, and remember it."""
        context = _decode_context(encoded)
        self._context(context)
        return _remember(self._contexts, encoded, context)

    def _new_sent(self, encoded: bytes) -> msgspec.Raw:
        """Return the JSON of the cookies of a header with secrets replaced, and remember it."""
        cookies = _decode_sent(encoded)
        for cookie in cookies:
            self._cookie_with_value(cookie)
        return _remember(self._sent, encoded, cookies)

    def hide(self, printed: Explained) -> None:
        """Replace the secrets of one exchange, in place."""
        self._context(printed.context)
        for cookie in printed.request_cookies:
            self._cookie_with_value(cookie)
        self._hide_others(printed)

    def _context(self, context: Context) -> None:
        if context.top_level_site is not None:
            context.top_level_site = self._text(context.top_level_site)

    def _hide_others(self, printed: Explained) -> None:
        """Replace the secrets in all fields but the context and the cookies of the request."""
        text, header = self._text, self._header
        printed.method = text(printed.method)
        printed.url = self._redactor.field(printed.url)
        if (failure := printed.failure) is not None:
            failure.message = text(failure.message)
        observed, expected = printed.observed_cookie_header, printed.expected_cookie_header
        replaced = self._headers.get(observed)
        if replaced is None:
            if len(self._headers) >= _REMEMBERED_HEADERS:
                self._headers.clear()
            replaced = self._headers[observed] = header(observed)
        printed.observed_cookie_header = replaced
        if expected != observed:
            replaced = header(expected)
        printed.expected_cookie_header = replaced
        for withheld in printed.withheld:
            self._cookie_with_value(withheld)
        for missing in printed.missing:
            self._cookie_with_value(missing)
        for gone in printed.removed:
            self._cookie(gone)
        for line in printed.set_cookies:
            line.raw = self._redactor.set_cookie(line.raw)
            line.name = self._name(line.name)
            line.value = self._value(line.value)
        if printed.edited is not UNSET:
            for change in printed.edited:
                change.name = self._name(change.name)
        if (said := printed.browser) is not UNSET:
            self._own_word(said)
        if printed.scripts is not UNSET:
            for script in printed.scripts:
                self._cookie(script)
                if script.source is not None:
                    script.source = self._redactor.field(script.source)
                if script.why is not None:
                    script.why = text(script.why)
        if printed.jar:
            for each in printed.jar:
                self._cookie_with_value(each)
                if (partition := each.partition_key) is not None:
                    each.partition_key = text(partition)
            printed.jar.sort(key=lambda cookie: (cookie.domain, cookie.path, cookie.name))

    def _own_word(self, said: OwnWord) -> None:
        """Replace the secrets in what a browser said."""
        text, field = self._text, self._redactor.field
        said.said_by = text(said.said_by)
        if said.initiator is not None:
            said.initiator = field(said.initiator)
        if said.site_for_cookies is not None:
            said.site_for_cookies = field(said.site_for_cookies)
        for each in said.verdicts:
            self._cookie(each)
            each.their_reasons = [text(reason) for reason in each.their_reasons]

    def _cookie_with_value(self, cookie: Sent | NotSent | Absent | InJar) -> None:
        """Replace a cookie's value, and the secrets in its identity."""
        key = cookie.name, cookie.value, cookie.domain, cookie.path
        known = self._cookies.get(key)
        if known is None:
            self._cookie(cookie)
            cookie.value = self._value(cookie.value)
            if len(self._cookies) >= _REMEMBERED:
                self._cookies.clear()
            self._cookies[key] = cookie.name, cookie.value, cookie.domain, cookie.path
        else:
            cookie.name, cookie.value, cookie.domain, cookie.path = known

    def _cookie(
        self, cookie: Sent | NotSent | Absent | InJar | Gone | OwnVerdict | ByScript
    ) -> None:
        """Replace the secrets in the identity of a cookie."""
        cookie.name = self._name(cookie.name)
        cookie.domain = self._place(cookie.domain)
        cookie.path = self._place(cookie.path)
