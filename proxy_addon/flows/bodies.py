"""The recorded start of a body: decoded, counted, kept as text or as bytes."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from cookietrace.events import Body
from proxy_addon.flows.decoding import Decoder, decoder_for, undecoded
from proxy_addon.flows.headers import ParsedHeaders

Of = Literal["request", "response"]
"""Which message the body belongs to."""

DEFAULT_LIMIT = 64 * 1024
"""How many decoded bytes of each body are kept."""

DECODED_AT_MOST = 4 * 1024 * 1024
"""How many bytes of a compressed body are decoded to count them; beyond that the
size is what was counted so far."""

_TEXT_TYPE = re.compile(
    r"text/.*|application/(json|xml|javascript|ecmascript|x-javascript|x-ndjson|graphql|"
    r"x-www-form-urlencoded)|.*\+(json|xml)"
)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.ASCII | re.IGNORECASE)
_UTF_8 = "utf-8-sig"
"""The codec that removes a byte order mark."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")

_CHARSETS = frozenset(
    ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "mac-roman"]
    + ["gbk", "gb2312", "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "shift_jis"]
    + ["cp932", "euc_kr", "cp949", "cp866", "cp874"]
    + [f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)]
    + [f"cp{number}" for number in range(1250, 1259)]
)
"""The codecs of the web's encodings; no other codec is ever used."""


class Preview:
    """Reads a body chunk by chunk, and keeps its start.

    ``content_type`` and ``coding`` are the values of Content-Type and
    Content-Encoding, None if absent. ``feed`` never raises: a body that cannot be
    decoded is kept as received.
    """

    def __init__(
        self, content_type: str | None, coding: str | None, limit: int = DEFAULT_LIMIT
    ) -> None:
        self._content_type = content_type
        self._limit = limit
        self._kept = bytearray()
        self._size = 0
        self._cut = False
        decoder = decoder_for(coding)
        self._opaque = decoder is None
        """Whether the kept bytes are still encoded, so that they cannot be read as text."""
        self._decode: Decoder = decoder or undecoded
        self._bounded = coding is not None

    @property
    def empty(self) -> bool:
        """Whether no bytes have arrived yet."""
        return self._size == 0

    def feed(self, data: bytes) -> None:
        """Read the next bytes, as they are on the wire."""
        if self._bounded and self._size >= DECODED_AT_MOST:
            self._cut = True
            return
        try:
            for piece in self._decode(data):
                self._take(piece)
                if self._bounded and self._size >= DECODED_AT_MOST:
                    self._cut = True
                    return
        except ValueError:
            self._opaque = self._opaque or self._size == 0
            self._decode = undecoded if self._opaque else _nothing
            self._cut = self._cut or not self._opaque
            if self._opaque:
                self._take(data)

    def _take(self, piece: bytes) -> None:
        """Count a decoded piece, and keep what still fits."""
        room = self._limit - len(self._kept)
        if room > 0:
            self._kept += piece[:room]
        self._size += len(piece)

    def event(self, exchange_id: str, at: float, of: Of, *, whole: bool = True) -> Body:
        """Return the event; ``whole`` is False if the body was cut off."""
        kept = bytes(self._kept)
        truncated = self._cut or not whole or self._size > len(kept)
        text = None if self._opaque else as_text(kept, self._content_type, cut=truncated)
        return Body(
            exchange_id=exchange_id,
            at=at,
            of=of,
            content_type=self._content_type,
            size=self._size,
            content=text,
            base64=None if text is not None else base64.b64encode(kept).decode("ascii"),
            truncated=truncated,
        )


def body_of(
    content: bytes | None, headers: ParsedHeaders, limit: int, exchange_id: str, at: float, of: Of
) -> Body:
    """Return the event for a complete body; ``content`` is None if it was not kept.

    The same event as from a ``Preview``, in fewer steps for the common case: UTF-8
    text without a content coding, within the limit.
    """
    first = headers.first
    content_type = first.get("content-type")
    if (
        content
        and len(content) <= limit
        and "content-encoding" not in first
        and _is_utf_8_text(content_type)
    ):
        try:
            text = content.decode()
        except UnicodeError:
            text = "\0"
        if "\0" not in text and text[0] != "\ufeff":
            return Body(
                exchange_id=exchange_id,
                at=at,
                of=of,
                content_type=content_type,
                size=len(content),
                content=text,
                base64=None,
                truncated=False,
            )
    preview = Preview(content_type, first.get("content-encoding"), limit)
    preview.feed(content or b"")
    return preview.event(exchange_id, at, of, whole=content is not None)


def _nothing(data: bytes) -> Iterable[bytes]:  # noqa: ARG001 (a Decoder takes what it drops)
    """Return nothing: bytes after damage cannot be decoded."""
    return ()


def as_text(data: bytes, content_type: str | None, *, cut: bool = False) -> str | None:
    """Return the bytes as text, None if they are not text.

    The charset is the one that the content type names, otherwise UTF-8, otherwise (for
    a text type) windows-1252, as in browsers. If the bytes were ``cut``, an incomplete
    last character is dropped.
    """
    if not data:
        return ""
    is_text, charsets = _reading_of(content_type)
    for charset in charsets:
        try:
            if cut:
                text = codecs.getincrementaldecoder(charset)("strict").decode(data)
            elif charset == _UTF_8:
                text = data.removeprefix(codecs.BOM_UTF8).decode()
            else:
                text = data.decode(charset)
        except UnicodeError:
            continue
        if "\0" in text or (not is_text and _CONTROLS.search(text)):
            continue
        return text
    return None


@lru_cache(maxsize=256)
def _is_utf_8_text(content_type: str | None) -> bool:
    """Return whether a type is text that is read as UTF-8 first."""
    is_text, charsets = _reading_of(content_type)
    return is_text and charsets[0] == _UTF_8


@lru_cache(maxsize=256)
def _reading_of(content_type: str | None) -> tuple[bool, tuple[str, ...]]:
    """Return whether a type is text, and the codecs to try, in order."""
    mime = (content_type or "").partition(";")[0].strip().lower()
    is_text = _TEXT_TYPE.fullmatch(mime) is not None
    if not is_text and mime and not mime.startswith("multipart/"):
        return False, ()
    declared = charset_of(content_type)
    charsets = (_UTF_8,) if declared in (None, "utf-8") else (declared, _UTF_8)
    return is_text, (*charsets, "cp1252") if is_text else charsets


def charset_of(content_type: str | None) -> str | None:
    """Return the codec that a content type names, None if it is not one of the web's."""
    declared = _CHARSET.search(content_type or "")
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared[1]).name
    except LookupError:
        return None
    if name in ("iso8859-1", "ascii"):
        return "cp1252"  # what these labels mean on the web (WHATWG Encoding, 4.2)
    return name if name in _CHARSETS else None


def is_event_stream(content_type: str | None) -> bool:
    """Return whether a Content-Type is that of server-sent events."""
    return (content_type or "").partition(";")[0].strip().lower() == "text/event-stream"
