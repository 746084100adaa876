"""The header fields of one message, read once: for its event, and for all that we ask of them."""

from __future__ import annotations

from cookietrace.events import Headers

OURS = "cookietrace-"
"""How the names of our own fields begin, in lower case."""

RawFields = tuple[tuple[bytes, bytes], ...]
"""How mitmproxy holds fields: to change one, it puts another tuple in their place."""


class Fields:
    """The fields as text: latin-1, which loses nothing.

    All in one loop, since every exchange pays for it twice.
    """

    __slots__ = ("first", "has_ours", "has_secret", "pairs", "raw", "repeated")

    def __init__(self, raw: RawFields, secret: str) -> None:
        pairs: list[tuple[str, str]] = []
        first: dict[str, str] = {}
        repeated: list[str] = []
        has_ours = has_secret = False
        for octets, content in raw:
            name, value = octets.decode("latin-1"), content.decode("latin-1")
            pairs.append((name, value))
            key = name.lower()
            if key in first:
                repeated.append(key)
            else:
                first[key] = value
            if OURS in key:
                has_ours = True
            if secret in value:
                has_secret = True
        self.raw = raw
        """What was read."""
        self.pairs: Headers = tuple(pairs)
        """All fields in their order, duplicates and odd bytes kept, as events hold them."""
        self.first = first
        """Lower-case name -> the value of the first field that has it."""
        self.repeated = repeated
        """The lower-case name of each field that another one of that name stands before."""
        self.has_ours = has_ours
        """Whether a field may be one of our own."""
        self.has_secret = has_secret
        """Whether a value holds the secret of our marks."""
