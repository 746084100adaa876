"""What a flow has no field for: kept as JSON in the flow's metadata."""

from __future__ import annotations

import msgspec

from cookietrace.events import Capture, Client, Failure, Server, Verdicts

KEY = "cookietrace"
"""The key in ``flow.metadata``."""


class BodyFacts(msgspec.Struct, frozen=True):
    """What is known of a body besides the bytes that were kept."""

    size: int
    truncated: bool


class Extras(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The extras of one exchange; none of them is needed to read the flow."""

    capture: Capture | None = None
    """In the first flow of a file: the capture that was exported."""
    client: Client | None = None
    url: str | None = None
    upstream: str | None = None
    request_body: BodyFacts | None = None
    response_body: BodyFacts | None = None
    server: Server | None = None
    failure: Failure | None = None
    verdicts: Verdicts | None = None
    """In a redacted file: verdicts cannot be computed again from tokens."""


_decoder = msgspec.json.Decoder(Extras)


def encode_extras(extras: Extras) -> str:
    """Return the extras as text for the metadata."""
    return msgspec.json.encode(extras).decode()


def decode_extras(metadata: dict[str, object]) -> Extras:
    """Return the extras of a flow; empty ones if it has none or they cannot be read."""
    text = metadata.get(KEY)
    if not isinstance(text, str):
        return Extras()
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return Extras()
