"""Parses a page into its elements, with their attributes and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_VOID = {"meta", "br", "input", "link", "img", "path", "circle", "rect", "wbr"}
_CLOSES = {
    "li": {"li", "p"},
    "p": {"p"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"tr", "td", "th"},
    "tbody": {"tr", "td", "th", "thead", "tbody"},
}
"""The open elements that a start tag closes, if their end tags were left out."""


class Element:
    """One element, with its children in order."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.parts: list[Element | str] = []

    def __iter__(self) -> Iterator[Element]:
        """Yield the elements inside, depth first."""
        for part in self.parts:
            if isinstance(part, Element):
                yield part
                yield from part

    @property
    def text(self) -> str:
        """All text inside."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def words(self) -> str:
        """All text inside, with white space as a browser shows it."""
        return " ".join(self.text.split())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements inside with this tag and attributes (``class_`` is one class)."""
        return [
            element
            for element in self
            if element.tag == tag
            and all(
                value in element.attributes.get("class", "").split()
                if name == "class_"
                else element.attributes.get(name.replace("_", "-")) == value
                for name, value in attributes.items()
            )
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only such element."""
        (element,) = self.all(tag, **attributes)
        return element


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self.at.tag in _CLOSES.get(tag, ()):
            self._leave()
        element = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.parts.append(element)
        if tag not in _VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.parts.append(Element(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        at: Element | None = self.at
        while at is not None and at.tag != tag:
            at = at.parent
        if at is not None and at.parent is not None:
            self.at = at.parent

    def handle_data(self, data: str) -> None:
        self.at.parts.append(data)

    def _leave(self) -> None:
        assert self.at.parent is not None
        self.at = self.at.parent


def read_page(html: str) -> Element:
    """Return a page as a tree of elements."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def inlined(html: str, tag: str) -> str:
    """Return the text of our only style or script."""
    (found,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    return str(found)
