"""Finds the values of secret names in a text: in URLs, forms, JSON, HTML, ``repr`` and code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from cookietrace.redact.columns import secret_cells
from cookietrace.redact.escaped_names import has_escaped_letter
from cookietrace.redact.formed import formed, is_random
from cookietrace.redact.spans import Span
from cookietrace.redact.unescape import ESCAPES, Unescaped
from cookietrace.secret_names import CORES, TABLE_ONLY, WORDS, Kind, Names, SecretNames, normal

_LAYERS = 3
"""The number of nested encodings to decode."""
_LONGEST_NAME = 64
_REMEMBERED = 200_000
_MOST_REMEMBERED = 64

_NAME_CHARACTERS = re.compile(r"[\w.$\[\]-]*", re.ASCII)
_BEFORE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.$[]")
_QUOTES = "\"'`"

_STRING = r"""[bBuUrR]?(?:"(?P<d>(?:[^"\\]|\\.)*)(?:"|\Z)|'(?P<s>(?:[^'\\]|\\.)*)(?:'|\Z)""" + (
    r"|`(?P<g>(?:[^`\\]|\\.)*)(?:`|\Z))"
)
_ASSIGNED = re.compile(rf"\s{{0,8}}(?:=>|[:=])\s{{0,8}}{_STRING}", re.DOTALL)
_PAIRED = re.compile(
    rf"""\s{{0,8}},\s{{0,8}}(?:["']?(?:value|content)["']?\s{{0,8}}[:=]\s{{0,8}})?{_STRING}""",
    re.DOTALL,
)
_NUMBER = re.compile(r"""\s{0,8}[:=]\s{0,8}(?P<n>-?\d[\d.]{2,40})(?![\w.])""")
_LIST = re.compile(r"\s{0,8}[:=]\s{0,8}[\[({](?=\s{0,8}[\"'])")
_ITEM = re.compile(rf"\s{{0,8}},?\s{{0,8}}{_STRING}(?!\s{{0,8}}:)", re.DOTALL)
_STARTS = ("=", *_QUOTES)
"""What follows names that are a secret's in URLs, or if they are quoted."""
_PARAMETER = re.compile(r"=([^&;#\s\"'<>\\`]+)")
_PATH_PARAMETER = re.compile(r"=([^&;#?/\s\"'<>\\`]+)")
_ENTRY = re.compile(r"=([^&\r\n]+)")
"""The value of a form's field: it ends with the next ampersand."""
_HEADER_PARAMETER = re.compile(r"[ \t]*=[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,;&\"]+))")
_LINE = re.compile(r":[ \t]+([^\r\n\"'<>]+)")
_ELEMENT = re.compile(r"(?:\s[^<>]{0,1000})?>(?:<!\[CDATA\[)?([^<]+)")
_CELL = re.compile(
    r"""["'\]]{0,2}\s{0,8}</(?:t[dh]|dt|key)>(?:\s{0,32}<(?:td|dd|string|pre|code|span|div)\b[^<>]{0,200}>)"""
    r"""{1,4}\s{0,32}(?P<v>[^\s<>]{6,})(?=\s{0,32}<)""",
    re.IGNORECASE,
)
"""The next cell of a table, or the definition of a term, if it is one word."""
_LOOSE = re.compile(
    r"""["'`\])}]{0,3}\s{0,32}(?:=>|:=|={1,3}|:\s{0,4}[A-Za-z]{1,16}\s{0,4}=|[:(>,/]|(?<=\s))\s{0,32}"""
    r"""(?:string\(\d{1,6}\)\s{0,4}|value=|content=)?(?:[bBuUrR]?(?P<q>["'`]))?"""
    r"""(?P<v>[^\s"'`<>()\[\]{},;&\\#][^\s"'`<>()\[\]{},;&\\]{7,}+)"""
)
"""What may be a value in a message, a log, a ``repr`` or code, if it looks like a secret."""
_TAG = re.compile(
    r"<(?:input|meta|textarea|button|param)\b(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>", re.IGNORECASE
)
_TAGS = ("<input", "<meta", "<textarea", "<button", "<param")
_FOLLOWS = (
    r"""[\w.$\[\]-]{0,64}+(?:["'`]?\s{0,8}[=:,>(]|[%\\&]|["'`][\\&%\])]|["'\]]{0,2}\s{0,8}</[tdk]"""
    r"""|["'`]?[\s/]{1,2}(?=[^\s<>]{0,64}[0-9]))"""
)
"""What follows a name if a value may follow, also if the text is encoded."""


@cache
def _core_pattern(core: str) -> re.Pattern[str]:
    """Return what matches a name with this core; most texts have few of them."""
    ends = "(?![a-z])" if core in WORDS else ""
    return re.compile(f"{core}{ends}(?:(?={_FOLLOWS})|(?<=[<:]{core}))", re.ASCII)


_ATTRIBUTE = re.compile(
    r"""([\w:-]+)[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.ASCII
)
_ESCAPED_NAME = re.compile(
    r"""(?P<quote>["'`])(?P<name>[^"'`\\\s]{0,64}+(?:\\[ux][^"'`\\\s]{1,64}+){1,64}+)(?P=quote)"""
)
_ESCAPED_PARAMETER = re.compile(
    r"""(?:(?<=[?&;#"'\s])|\A)(?P<name>[\w.$\[\]-]{0,64}+(?:%[0-9A-Fa-f]{2}[\w.$\[\]-]{0,64}+){1,64}+)"""
    r"""=(?P<value>[^&;#\s"'<>\\`]+)""",
    re.ASCII,
)
_PART = re.compile(
    r"""form-data;[^\r\n]*?\bname="?([^"\r\n;]{1,100})[^\r\n]*(?:\r?\n[^\r\n]+)*+\r?\n\r?\n""",
    re.IGNORECASE,
)
_PART_END = re.compile(r"\r?\n--")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,20} +(?=\S)")

_NO_VALUE = re.compile(
    r"(?:true|false|null|none|nil|undefined|nan|required|\*+|•+|\.{3}|…)?", re.IGNORECASE
)
_TOKEN = re.compile(r"redacted-[0-9a-f]{6,}")
_SPACED = re.compile(r"\s")

_DIGIT_AMONG_LETTERS = re.compile(r"[A-Za-z]\d+[A-Za-z]|\d[A-Za-z]+\d|\d{10}", re.ASCII)
_WORDS = re.compile(r"[a-z_./-]+")
_ANY_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_SEPARATORS = re.compile(r"[-_. /:|~]+")


class Found(NamedTuple):
    """The value of a secret name in a text."""

    start: int
    end: int
    value: str
    """The value, decoded."""
    kind: Kind
    quoted: bool = True
    """Whether a token can stand there as it is; a number in JSON needs quotes."""


def replacements(
    values: Iterable[Found], token: Callable[[str], str], *, quote: bool = True
) -> Iterator[Span]:
    """Yield what replaces some values of a text, in order.

    Values that overlap are replaced together, with the token of the longest, so that no part of
    one survives. ``quote`` puts quotes around the token for a number.
    """
    longest: Found | None = None
    start = end = 0
    for found in sorted(values, key=lambda found: (found.start, -found.end)):
        if longest is not None and found.start < end:
            end = max(end, found.end)
            if found.end - found.start > longest.end - longest.start:
                longest = found
            continue
        if longest is not None:
            yield Span(start, end, _replaced(longest, token, quote))
        longest = found
        start, end = found.start, found.end
    if longest is not None:
        yield Span(start, end, _replaced(longest, token, quote))


def _replaced(found: Found, token: Callable[[str], str], quote: bool) -> str:
    """Return what stands for a value."""
    replaced = token(found.value)
    return f'"{replaced}"' if quote and not found.quoted else replaced


def strings_in(text: str) -> Iterator[str]:
    """Yield the quoted strings in a ``repr``."""
    for match in _ANY_STRING.finditer(text):
        yield Unescaped(match[1] if match[1] is not None else match[2], ESCAPES["\\"]).text


def likely(value: str) -> bool:
    """Return whether a value looks like a secret: long, with digits among letters."""
    if len(value) < 8 or "://" in value or _SPACED.search(value):
        return False
    if len(value) >= 32:
        return not (value.islower() and _WORDS.fullmatch(value))
    return any(
        len(piece) >= 6 and _DIGIT_AMONG_LETTERS.search(piece) for piece in _SEPARATORS.split(value)
    )


def worth_learning(found: Found, *, sent: bool) -> bool:
    """Return whether a value is to be searched for elsewhere.

    A common word would be found everywhere. What a client sends by the name of a secret is one
    (``sent``); what a server writes by that name may be a message.
    """
    value = found.value
    if len(value) < 6 or value.isspace() or "://" in value:
        return False
    if found.kind is not Kind.SECRET:
        return likely(value)
    if _TABLE.kind(value) is not Kind.PLAIN or len(set(value)) < 3:
        return False
    return sent or likely(value) or not value.replace("_", "").replace("-", "").isalpha()


class Named:
    """Finds the values of one set of names."""

    def __init__(self, names: Names) -> None:
        self.names = SecretNames(names)
        self._found: dict[int, tuple[Found, ...]] = {}
        """What was found, by the hash of the text: each is read to learn, and to be replaced."""

    def found(self, text: str, *, form: bool = False) -> tuple[Found, ...]:
        """Return the value of each secret name in a text and in its decoded forms.

        ``form`` means that the text is a URL, a form or a header field.
        """
        key = hash(text) ^ form
        known = self._found.get(key)
        if known is None:
            known = tuple(self._in_layers(text, form))
            if len(known) <= _MOST_REMEMBERED and len(self._found) < _REMEMBERED:
                self._found[key] = known
        return known

    def _in_layers(self, text: str, form: bool) -> Iterator[Found]:
        """Yield the value of each secret name in a text and in its decoded forms."""
        values, escaped, below = self._plain(text, form)
        yield from values
        if not below:
            return
        known = _Spans(found[:2] for found in escaped)
        layers: list[Unescaped] = []
        while below and len(layers) < _LAYERS:
            layer = Unescaped(layers[-1].text if layers else text)
            if not layer.changed:
                break
            layers.append(layer)
            values, escaped, below = self._plain(layer.text, form)
            for found in values:
                start, end = _source(layers, found)
                # A value of which the end is known has lost it here.
                if not known.hold(start):
                    yield found._replace(start=start, end=end)
            known = _Spans([*known.spans, *(_source(layers, found) for found in escaped)])

    def _plain(self, text: str, form: bool) -> tuple[list[Found], Sequence[Found], bool]:
        """Return the values in a text as it is, and whether there may be more once it is decoded.

        Between the two stand those of the values whose name has escapes. There may be more if the
        text has a secret name whose value is not where it is expected.
        """
        lower = _lower(text)
        values: list[Found] = []
        for tag in _TAGS:
            if tag in lower:
                values += self._tags(text, lower, tag)
        if "form-data;" in text:
            values += self._parts(text)
        for secret in formed(text, lower):
            if self.names.kind(secret.name) is not Kind.PLAIN or secret.name == "cookie":
                value = text[secret.start : secret.end]
                if not (is_none(value) or _TOKEN.search(value)):
                    values.append(Found(secret.start, secret.end, value, Kind.SECRET))
        values += [
            Found(*cell, Kind.SECRET)
            for cell in secret_cells(text, self.names)
            if not is_none(cell.value) and not _TOKEN.search(cell.value)
        ]
        below = has_escaped_letter(text)
        escaped: Sequence[Found] = tuple(self._escaped(text)) if below else ()
        values += escaped
        end = tried = 0
        kind_of = self.names.kind
        for start, until in self._hits(lower):
            if start < end:
                continue
            start, until = _name_span(text, start, until, end)
            end = until
            kind = kind_of(text[start:until])
            if kind is Kind.PLAIN:
                below = below or (start > 0 and text[start - 1] in "%\\")  # %3Fcode is ?code
                continue
            if kind is not Kind.SECRET and not form and text[until : until + 1] not in _STARTS:
                below = True
                continue
            any_found = False
            for found in self._value(text, start, until, kind, form):
                any_found = True
                if found.value and not is_none(found.value):
                    values.append(found)
                if found.end > end:
                    end = found.end
            tries = kind is Kind.SECRET and not any_found and start >= tried
            if tries and (loose := _loose(text, until)):
                begins, tried, is_secret = loose
                value = text[begins:tried]
                if is_secret and not is_none(value):
                    any_found = True
                    values.append(Found(begins, tried, value, kind))
                    end = max(end, tried)
            below = below or not any_found
        return values, escaped, below

    def _hits(self, lower: str) -> list[tuple[int, int]]:
        """Return where secret names may be that a value may follow, in order."""
        hits: list[tuple[int, int]] = []
        for core in CORES:
            if core in lower:
                hits += [match.span() for match in _core_pattern(core).finditer(lower)]
        if self.names.more is not None:
            hits += [match.span() for match in self.names.more.finditer(lower)]
        return sorted(hits)

    def _value(self, text: str, start: int, until: int, kind: Kind, form: bool) -> Iterable[Found]:
        """Return the value, or values, that follow a name."""
        before = text[start - 1] if start else ""
        quoted = before in _QUOTES and text[until : until + 1] == before and before != ""
        found = self._assigned(text, text[start:until], until + quoted, kind, quoted=quoted)
        if found is not None:
            return found
        return self._unquoted(text, start, until, kind, form, before)

    def _assigned(
        self, text: str, name: str, after: int, kind: Kind, *, quoted: bool
    ) -> Iterable[Found] | None:
        """Return the strings or the number that a name has in data or code; None if it has none."""
        if kind is Kind.SECRET or (kind is Kind.COMMON and quoted):
            match = _ASSIGNED.match(text, after) or (
                _PAIRED.match(text, after) if quoted and kind is Kind.SECRET else None
            )
            if match:
                return (self._string(name, match, kind),)
        if quoted and kind is Kind.SECRET:
            if number := _NUMBER.match(text, after):
                if normal(name)[-6:] != "tokens":
                    return (Found(*number.span("n"), number["n"], kind, quoted=False),)
                return ()
            if opened := _LIST.match(text, after):
                return self._items(text, opened.end(), kind)
        return None

    def _escaped(self, text: str) -> Iterator[Found]:
        """Yield the values of names that are spelled with escapes, up to their real ends.

        Once the text is decoded, an escaped quote or ampersand in a value looks like its end.
        """
        for match in _ESCAPED_NAME.finditer(text):
            name = Unescaped(match["name"], ESCAPES["\\"]).text
            kind = self.names.kind(name)
            if kind is not Kind.PLAIN:
                found = self._assigned(text, name, match.end(), kind, quoted=True)
                yield from (each for each in found or () if not is_none(each.value))
        for match in _ESCAPED_PARAMETER.finditer(text):
            kind = self.names.kind(unquote_to_bytes(match["name"]).decode("latin-1"))
            value = unquote_to_bytes(match["value"].replace("+", " ")).decode("latin-1")
            if kind is Kind.PLAIN or is_none(value):
                continue
            if kind is not Kind.PARAMETER or likely(value):
                yield Found(*match.span("value"), value, kind)

    def _items(self, text: str, at: int, kind: Kind) -> Iterator[Found]:
        """Yield the strings of a list."""
        while (item := _ITEM.match(text, at)) and item.end() > at:
            yield self._string("", item, kind)
            at = item.end()

    def _unquoted(
        self, text: str, start: int, until: int, kind: Kind, form: bool, before: str
    ) -> tuple[Found, ...]:
        """Return the value that follows a name in a URL, a form, a header or an element."""
        following = text[until : until + 1]
        if following == "=" and before in _begins_parameter(form):
            whole = form and before in "&" and _is_form(text)
            ends = _ENTRY if whole else _PATH_PARAMETER if before == ";" else _PARAMETER
            match = ends.match(text, until)
            if match and not match[1].startswith("="):
                value = match[1]
                if "%" in value or "+" in value or not value.isascii():
                    value = unquote_to_bytes(value.replace("+", " ")).decode("latin-1")
                if kind is not Kind.PARAMETER or likely(value):
                    return (Found(*match.span(1), value, kind),)
            if match or text[until + 1 : until + 2] != '"':
                return ()
        if form and before in " ,;\t" and kind is not Kind.PARAMETER:
            match = _HEADER_PARAMETER.match(text, until)
            if match:
                group = 1 if match[1] is not None else 2
                return (Found(*match.span(group), Unescaped(match[group]).text, kind),)
        if kind is not Kind.SECRET:
            return ()
        name = text[start:until]
        if following == ":" and before in "\n" and _is_field_name(name):
            if match := _LINE.match(text, until):
                return (self._credential(name, match.start(1), match[1].rstrip(), kind),)
        elif following in "> \t\r\n" and _opens_element(text, start):
            match = _ELEMENT.match(text, until)
            if match and match[1].strip():
                value = match[1].strip()
                at = text.index(value, match.start(1))
                return (Found(at, at + len(value), value, kind),)
        return ()

    def _string(self, name: str, match: re.Match[str], kind: Kind) -> Found:
        """Return the quoted value of a match."""
        group = next(each for each in "dsg" if match[each] is not None)
        raw = match[group]
        value = Unescaped(raw, ESCAPES["\\"]).text if "\\" in raw else raw
        if value == raw:
            return self._credential(name, match.start(group), raw, kind)
        return Found(*match.span(group), value, kind)

    def _credential(self, name: str, start: int, value: str, kind: Kind) -> Found:
        """Return a value; without its scheme if it is that of an Authorization field."""
        scheme = _SCHEME.match(value) if normal(name).endswith("authorization") else None
        begins = scheme.end() if scheme else 0
        return Found(start + begins, start + len(value), value[begins:], kind)

    def _tags(self, text: str, lower: str, begins: str) -> Iterator[Found]:
        """Yield the values of inputs, or of others of the tags in which secrets stand."""
        at = lower.find(begins)
        while at >= 0:
            tag = _TAG.match(text, at)
            at = lower.find(begins, at + len(begins))
            if tag is None or not self._may_name(lower, *tag.span()):
                continue
            attributes = {each[1].lower(): each for each in _ATTRIBUTE.finditer(tag[0])}
            kind = max(
                (
                    self.names.kind(_attribute(attributes[name])[2])
                    for name in ("name", "id", "property", "itemprop", "autocomplete")
                    if name in attributes
                ),
                default=Kind.PLAIN,
            )
            if kind is Kind.PLAIN or _is_button(attributes):
                continue
            for name in ("value", "content"):
                if name in attributes:
                    start, end, raw = _attribute(attributes[name])
                    value = Unescaped(raw, ESCAPES["&"]).text
                    if not is_none(value) and (kind is not Kind.PARAMETER or likely(value)):
                        yield Found(tag.start() + start, tag.start() + end, value, kind)
            if tag[0][1:9].lower() == "textarea":
                end = text.find("<", tag.end())
                value = text[tag.end() : end if end >= 0 else len(text)]
                if not is_none(value.strip()):
                    yield Found(tag.end(), tag.end() + len(value), value.strip(), kind)

    def _may_name(self, lower: str, start: int, end: int) -> bool:
        """Return whether there may be a secret name in a span of a text in lower case."""
        return (
            any(lower.find(core, start, end) >= 0 for core in CORES) or self.names.more is not None
        )

    def _parts(self, text: str) -> Iterator[Found]:
        """Yield the values of the parts of a multipart form."""
        last = False
        for part in _PART.finditer(text):
            kind = self.names.kind(part[1])
            if kind is Kind.PLAIN or last:
                continue
            ends = _PART_END.search(text, part.end())
            last = ends is None
            value = text[part.end() : ends.start() if ends else len(text)]
            if not is_none(value) and (kind is not Kind.PARAMETER or likely(value)):
                yield Found(part.end(), part.end() + len(value), value, kind)


class _Spans:
    """Spans of a text, in order."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.spans = sorted(spans)
        self._ends = list(accumulate((end for _, end in self.spans), max))

    def hold(self, place: int) -> bool:
        """Return whether a place is in one of them, or right after it."""
        before = bisect_right(self.spans, place, key=itemgetter(0))
        return before > 0 and place <= self._ends[before - 1]


def _source(layers: Sequence[Unescaped], found: Found) -> tuple[int, int]:
    """Return where a value of the last layer is in the text itself."""
    start, end = found.start, found.end
    for outer in reversed(layers):
        start, end = outer.source(start, end)
    return start, end


def _lower(text: str) -> str:
    """Return a text in lower case, with every character where it was."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(each.lower() if each.isascii() else each for each in text)


def _loose(text: str, until: int) -> tuple[int, int, bool] | None:
    """Return where the value after a name may be, and whether it looks like a secret.

    If it does not, no later part of it does.
    """
    if cell := _CELL.match(text, until):
        start, end = cell.span("v")
        for quote in ('"', "'", "&#x27;", "&#39;", "&quot;"):
            if text.startswith(quote, start) and text.endswith(quote, start + 1, end):
                return start + len(quote), end - len(quote), True
        return start, end, likely(cell["v"])
    match = _LOOSE.match(text, until)
    if match is None:
        return None
    start, end = match.span("v")
    if text[start - 1] == "/":  # a segment of a path, but not a file
        end = start + len(re.split(r"[/?]", match["v"], maxsplit=1)[0])
        if "." in match["v"]:
            return start, end, False
    value = _TOKEN.sub(" ", text[start:end])
    return start, end, is_random(value, quoted=match["q"] is not None)


def _name_span(text: str, start: int, until: int, floor: int) -> tuple[int, int]:
    """Return the whole name around a match."""
    if start > floor and text[start - 1] in _BEFORE:
        floor = max(floor, start - _LONGEST_NAME)
        start -= 1
        while start > floor and text[start - 1] in _BEFORE:
            start -= 1
    if text[until : until + 1] in _BEFORE:
        match = _NAME_CHARACTERS.match(text, until, until + _LONGEST_NAME)
        assert match is not None
        until = match.end()
    return start, until


def _begins_parameter(form: bool) -> tuple[str, ...]:
    """Return what may stand before a parameter; the empty string is the start of the text."""
    return ("?", "&", "#", ";", "", "\n", "\r") if form else ("?", "&", "#", '"', "'")


def _is_form(text: str) -> bool:
    """Return whether a text is a form, and not a URL or a header field."""
    return "?" not in text and "://" not in text and "; " not in text


def _is_field_name(name: str) -> bool:
    """Return whether a name at the start of a line is most likely a header field's."""
    if name.startswith("-"):  # a property of a style sheet
        return False
    return "-" in name or "_" in name or name.lower() in ("authorization", "password")


def _opens_element(text: str, start: int) -> bool:
    """Return whether a name begins the tag of an element, with or without a namespace."""
    before = text[max(0, start - 20) : start]
    return before.endswith("<") or re.search(r"<[A-Za-z][\w-]{0,15}:\Z", before) is not None


def _attribute(match: re.Match[str]) -> tuple[int, int, str]:
    """Return where the value of an attribute is, and the value."""
    group = next(each for each in (2, 3, 4) if match[each] is not None)
    return *match.span(group), match[group]


def _is_button(attributes: dict[str, re.Match[str]]) -> bool:
    """Return whether an input shows its value as the label of a button."""
    written = attributes.get("type")
    return written is not None and _attribute(written)[2].lower() in ("submit", "button", "reset")


def is_none(value: str) -> bool:
    """Return whether a value says that there is none, or is a token already."""
    return _NO_VALUE.fullmatch(value) is not None or _TOKEN.fullmatch(value) is not None


_TABLE = SecretNames(TABLE_ONLY)
