"""The header fields of one message, read once: for its event, and for all that we ask of them."""

from __future__ import annotations

from cookietrace.events import Headers

OURS = "cookietrace-"
"""How the names of our own fields begin, in lower case."""

ASKED = frozenset(
    {
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
"""The lower-case names of the fields whose values we ask for."""

RawFields = tuple[tuple[bytes, bytes], ...]
"""How mitmproxy holds fields: to change one, it puts another tuple in their place."""


class Fields:
    """The fields as text: latin-1, which loses nothing.

    All in one loop, since every exchange pays for it twice.
    """

    __slots__ = ("first", "has_ours", "pairs", "raw", "repeated")

    def __init__(self, raw: RawFields) -> None:
        pairs: list[tuple[str, str]] = []
        first: dict[str, str] = {}
        repeated: list[str] = []
        has_ours = False
        for octets, content in raw:
            name, value = octets.decode("latin-1"), content.decode("latin-1")
            pairs.append((name, value))
            key = name.lower()
            if key in ASKED:
                if key in first:
                    repeated.append(key)
                else:
                    first[key] = value
            elif OURS in key:
                has_ours = True
        self.raw = raw
        """What was read."""
        self.pairs: Headers = tuple(pairs)
        """All fields in their order, duplicates and odd bytes kept, as events hold them."""
        self.first = first
        """A name of ``ASKED`` -> the value of the first field that has it."""
        self.repeated = repeated
        """The name of each field of ``ASKED`` that another one of that name stands before."""
        self.has_ours = has_ours
        """Whether a field may be one of our own."""

    def hold(self, text: str) -> bool:
        """Tell whether a value holds the text."""
        for _, value in self.pairs:  # noqa: SIM110 (a generator costs three times as much)
            if text in value:
                return True
        return False
