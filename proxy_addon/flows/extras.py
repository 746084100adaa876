"""What a flow has no field for: kept as JSON in the flow's metadata."""

from __future__ import annotations

import msgspec

from cookietrace.events import (
    Browser,
    Capture,
    Client,
    Edited,
    Failure,
    Jar,
    Server,
    Session,
    Verdicts,
)

KEY = "cookietrace"
"""The key in ``flow.metadata``."""


class BodyFacts(msgspec.Struct, frozen=True):
    """What is known about a body besides the bytes that were kept."""

    size: int
    truncated: bool


class Extras(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The extras of one exchange; none of them is needed to read the flow."""

    capture: Capture | None = None
    """In the first flow of a file: the capture that was exported."""
    client: Client | None = None
    session: Session | None = None
    """The client from which this one takes over, if it is a fresh browser."""
    jar: Jar | None = None
    """In the first flow of a client: its jar at that moment, if exchanges before were left out."""
    connection: str | None = None
    """The client's connection, if it was recorded."""
    url: str | None = None
    upstream: str | None = None
    request_body: BodyFacts | None = None
    response_body: BodyFacts | None = None
    server: Server | None = None
    edited: tuple[Edited, ...] = ()
    """What the user had changed of it on the wire."""
    failure: Failure | None = None
    browser: Browser | None = None
    """What the browser itself said about the exchange."""
    verdicts: Verdicts | None = None
    """In a redacted file: verdicts cannot be computed again from tokens."""


_decoder = msgspec.json.Decoder(Extras)


def encode_extras(extras: Extras) -> str:
    """Return the extras as text for the metadata."""
    return msgspec.json.encode(extras).decode()


_DAMAGE = (msgspec.DecodeError, UnicodeError, RecursionError)


def decode_extras(metadata: dict[str, object]) -> tuple[Extras, tuple[str, ...]]:
    """Return the extras of a flow, empty if it has none, and the names of the unreadable ones."""
    text = metadata.get(KEY)
    if not isinstance(text, str):
        return Extras(), ()
    try:
        return _decoder.decode(text), ()
    except _DAMAGE:
        return _decode_each(text)


def _decode_each(text: str) -> tuple[Extras, tuple[str, ...]]:
    """Return those of damaged extras that can be read, and the names of the others."""
    try:
        parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except _DAMAGE:
        return Extras(), ("all of it",)
    whole = {}
    damaged = []
    for field in msgspec.structs.fields(Extras):
        if field.name not in parts:
            continue
        try:
            whole[field.name] = msgspec.json.decode(parts[field.name], type=field.type)
        except _DAMAGE:
            damaged.append(field.name)
    return Extras(**whole), tuple(damaged)
