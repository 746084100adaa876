"""The headers of one message, parsed once for everything that needs them."""

from __future__ import annotations

from cookietrace.events import Headers

OWN_PREFIXES = ("cookietrace-", "cookietrace_")
"""The lower-case prefixes of our own header names: a WSGI server may read ``_`` as ``-``."""

_OWN = "cookietrace"
"""What both begin with."""

LOOKED_UP = frozenset(
    {
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
"""The lower-case names of the headers whose values the addon needs."""

RawHeaders = tuple[tuple[bytes, bytes], ...]
"""How mitmproxy stores headers: to change one, it replaces the whole tuple."""


class ParsedHeaders:
    """Headers decoded as latin-1, which loses nothing.

    Built in a single loop, since every exchange does this twice.
    """

    __slots__ = ("first", "has_own", "pairs", "raw", "repeated")

    def __init__(self, raw: RawHeaders) -> None:
        pairs: list[tuple[str, str]] = []
        first: dict[str, str] = {}
        repeated: list[str] = []
        has_own = False
        for raw_name, raw_value in raw:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            pairs.append((name, value))
            key = name.lower()
            if key in LOOKED_UP:
                if key in first:
                    repeated.append(key)
                else:
                    first[key] = value
            elif _OWN in key:
                has_own = True
        self.raw = raw
        """The tuple that was parsed."""
        self.pairs: Headers = tuple(pairs)
        """All headers in order, with duplicates and odd bytes, as events hold them."""
        self.first = first
        """A name of ``LOOKED_UP`` -> the value of the first header of that name."""
        self.repeated = repeated
        """Each name of ``LOOKED_UP``, once for every header of that name after the first."""
        self.has_own = has_own
        """Whether any header may be one of our own."""

    @property
    def values(self) -> str:
        """All values, one per line, to be searched at once."""
        return "\n".join([value for _, value in self.pairs])
