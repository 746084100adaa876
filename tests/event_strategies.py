"""Hypothesis strategies for events: any content that the wire or a recorder can give them."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from cookietrace.events import (
    SCHEMA,
    Body,
    Browser,
    Capture,
    Client,
    Edited,
    Event,
    Failure,
    Jar,
    Recorder,
    Request,
    Response,
    Server,
    Session,
    Unknown,
    Verdicts,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WIRE = st.text(st.characters(max_codepoint=255), max_size=20)
TIMES = st.floats(0, 4e9, allow_nan=False)
NUMBERS = st.integers(-(2**53), 2**53)


def of_type(annotation: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a type annotation that occurs in events."""
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: st.one_of(TEXT, WIRE),
        int: NUMBERS,
        float: TIMES,
        bool: st.booleans(),
        type(None): st.none(),
        msgspec.UnsetType: st.just(msgspec.UNSET),
    }
    if annotation in simple:
        return simple[annotation]
    if annotation is msgspec.Raw:
        return st.just(msgspec.Raw(b'{"profile":"spec"}'))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return of_type(arguments[0])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([of_type(each) for each in arguments])
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(of_type(arguments[0]), max_size=4).map(tuple)
    if origin is tuple:
        return st.tuples(*(of_type(each) for each in arguments))
    assert issubclass(annotation, msgspec.Struct)
    return struct(annotation)


def struct(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return a strategy for a kind of struct that draws every field."""
    fields = {field.name: of_type(field.type) for field in msgspec.structs.fields(kind)}
    return st.fixed_dictionaries(fields).map(lambda content: kind(**content))


KINDS = (
    Capture, Recorder, Client, Session, Jar, Request, Response, Body, Server, Failure, Verdicts,
    Browser, Edited,
)  # fmt: skip

UNKNOWN = st.dictionaries(TEXT, st.one_of(TEXT, NUMBERS, st.none()), max_size=3).map(
    lambda content: Unknown(
        raw=msgspec.json.encode({"type": "from-the-future"} | content | {"type": "later"}).decode()
    )
)

EVENTS: st.SearchStrategy[Event] = st.one_of([*(struct(kind) for kind in KINDS), UNKNOWN])

CAPTURES: st.SearchStrategy[Capture] = struct(Capture).map(
    lambda drawn: msgspec.structs.replace(drawn, schema=SCHEMA)
)
