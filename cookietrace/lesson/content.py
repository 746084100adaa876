"""The Response Content cell: the first line of the page, or what came instead of a page."""

from __future__ import annotations

from html.parser import HTMLParser
from http import HTTPStatus

from cookietrace.events import Body
from cookietrace.fold.exchange import Exchange, ResponsePart
from cookietrace.fold.headers import header
from cookietrace.lesson.display_text import clip, shown, size
from cookietrace.lesson.hiding import Hiding
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.safe_text import safe

CELLS = 80
"""The most terminal cells that a preview takes."""

PENDING = "…"
"""What a cell shows until the response arrives."""

NO_BODY_STATUS = frozenset({204, 205, 304})

TOLD_BY_CONTENT = frozenset({101, 200})
"""Statuses that add nothing to what the response contains."""


def status_text(response: ResponsePart) -> str:
    """Return e.g. ``403 Forbidden``; the usual reason phrase if the response gives none."""
    phrase = shown(response.reason)
    if not phrase:
        try:
            phrase = HTTPStatus(response.status_code).phrase
        except ValueError:
            phrase = ""
    return f"{response.status_code} {phrase}".strip()


def response_content(exchange: Exchange, mask: Mask = unmasked) -> str:
    """Return the first line of the response's text, or a description in brackets.

    The status comes first unless it is 200, or the text begins with it. With a mask, the cookie
    values that are repeated in it are masked.
    """
    hide = Hiding(exchange, mask)
    if exchange.failure is not None:
        return _clip(f"[failed: {safe(exchange.failure.message)}]")
    response = exchange.response
    if response is None:
        return PENDING
    location = header(response.headers, "location")
    if 300 <= response.status_code < 400 and location is not None:
        return _clip(f"{response.status_code} → {shown(hide(location))}")
    status = str(response.status_code)
    content = hide.text(_content(exchange, response))
    if response.status_code in TOLD_BY_CONTENT or content.lstrip("[").startswith(status):
        return _clip(content)
    return _clip(f"{status}: {content}")


def _content(exchange: Exchange, response: ResponsePart) -> str:
    body = exchange.response_body
    line = first_line(body) if body is not None and body.content is not None else ""
    return line or _bracketed(exchange, response, body)


def first_line(body: Body) -> str:
    """Return the first line of a body that is not blank; for HTML, of its visible text."""
    text = body.content or ""
    kind = _media_type(body.content_type)
    if kind in ("text/html", "application/xhtml+xml"):
        text = visible_text(text)
    elif kind == "application/json" or kind.endswith("+json"):
        text = " ".join(text.split())  # The first line of indented JSON is only a bracket.
    for line in text.splitlines():
        if line.strip():
            return safe(line.strip())
    return ""


def visible_text(html: str) -> str:
    """Return the text that a browser would show, or the title if it shows none."""
    reader = _VisibleText()
    reader.feed(html)
    reader.close()
    return "".join(reader.shown).strip() or "".join(reader.title).strip()


class _VisibleText(HTMLParser):
    """Collects the text outside ``head``, ``script`` and ``style``, and the title separately."""

    UNSEEN = frozenset({"head", "script", "style", "template", "noscript"})
    BLOCKS = frozenset(
        {"address", "article", "br", "div", "footer", "form", "h1", "h2", "h3", "h4", "header"}
        | {"hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.title: list[str] = []
        self._unseen = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        del attrs
        if tag == "body":
            self._unseen = 0
        elif tag in self.UNSEEN:
            self._unseen += 1
        self._in_title = tag == "title"
        if tag in self.BLOCKS:
            self.shown.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag in self.UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        self._in_title = False
        if tag in self.BLOCKS:
            self.shown.append("\n")

    def handle_data(self, data: str) -> None:
        """Collect text, unless it is in an element that shows none."""
        if self._in_title:
            self.title.append(data)
        elif not self._unseen:
            before = " " if data[:1].isspace() else ""
            after = " " if data[-1:].isspace() and data.strip() else ""
            self.shown.append(before + " ".join(data.split()) + after)


def _bracketed(exchange: Exchange, response: ResponsePart, body: Body | None) -> str:
    """Describe a response that has no text to show."""
    status = status_text(response)
    if response.status_code == 101:
        return f"[{shown(header(response.headers, 'upgrade') or 'upgraded')}]"
    if response.status_code in NO_BODY_STATUS or exchange.request.method == "HEAD":
        return f"[{status}]"
    declared = header(response.headers, "content-type")
    if body is not None:
        if body.size == 0:
            return "[empty]" if response.status_code < 400 else f"[{status}]"
        return f"[{_media_type(body.content_type) or 'unknown type'}, {size(body.size)}]"
    kind = shown(_media_type(declared)) or "unknown type"
    length = header(response.headers, "content-length")
    if length is not None and length.isascii() and length.isdigit() and len(length) < 16:
        return f"[{kind}, {size(int(length))}]" if int(length) else "[empty]"
    streamed = exchange.server is not None and exchange.server.streamed
    return "[streaming]" if streamed or kind == "text/event-stream" else f"[{kind}]"


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _clip(text: str) -> str:
    return clip(text, CELLS)
