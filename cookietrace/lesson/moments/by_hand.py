"""Problems that the user made: cookies that were changed by hand on the wire (``--edit``).

What came of such a change says nothing about the app. A rule only sees that a line was refused, or
that a cookie was missed; here, what it found is laid beside what was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.cookies import Code, CookieJar, Outcome, default_public_suffixes, profile_of
from cookietrace.events import Edited
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.display_text import listed
from cookietrace.lesson.moments.grades import Grade, Severity, at_most
from cookietrace.lesson.moments.scene import MomentText, Scene
from cookietrace.lesson.prose import named

_BY_VALUE = frozenset(
    {
        Code.CONTROL_CHARACTER.value,
        Code.NAME_VALUE_TOO_LARGE.value,
        Code.EMPTY_COOKIE.value,
        Code.PREFIX_NAMELESS.value,
    }
)
"""Why a line is refused whatever its attributes are: a change by hand is only of those."""


def made_by_hand(
    scene: Scene, grade: Grade, text: MomentText, *, of_lines: bool
) -> tuple[Grade, MomentText]:
    """Return a moment's grade and text, which say so if a change by hand can have made it.

    Then it is a warning at most. ``of_lines`` means that the moment is about the response's lines.
    """
    if not scene.table.trace.edited or grade.severity is Severity.NOTE:
        return grade, text
    about = _about(scene, text.steps)
    edits = [
        (exchange, event)
        for exchange, of in _sides(scene, about, of_lines=of_lines)
        for event in exchange.edited
        if event.of == of and event.name in grade.cookies
    ]
    if not edits:
        return grade, text
    said = " ".join(dict.fromkeys(_said(scene, exchange, event) for exchange, event in edits))
    if all(_is_refused_anyway(exchange, event, grade) for exchange, event in edits):
        said = f"{said} But the line that the app sent would be refused too."
        return grade, msgspec.structs.replace(text, answer=f"{text.answer} {said}")
    names = listed([named(name) for name in dict.fromkeys(event.name for _, event in edits)])
    return (
        msgspec.structs.replace(grade, severity=at_most(grade.severity, certain=False)),
        msgspec.structs.replace(
            text,
            answer=f"{text.answer} {said} So this may not be a problem of the app.",
            advice=f"To see what the app itself does, undo the change of {names}.",
        ),
    )


def _about(scene: Scene, steps: Iterable[int]) -> list[Exchange]:
    """Return the exchanges of some steps, in order, and the one that a moment describes."""
    trace = scene.table.trace
    ids = {scene.table.trace_row(step).exchange_id for step in steps}
    found = [trace.exchange(each) for each in ids | {scene.exchange.exchange_id}]
    return sorted(found, key=lambda exchange: exchange.number)


def _sides(
    scene: Scene, about: Iterable[Exchange], *, of_lines: bool
) -> Iterator[tuple[Exchange, str]]:
    """Yield the requests and responses that can have led to what a moment describes.

    Of the exchange itself, that is one of the two; before it, what was set; after it, what the app
    got.
    """
    for exchange in about:
        if exchange.number == scene.number:
            yield exchange, "response" if of_lines else "request"
        else:
            yield exchange, "response" if exchange.number < scene.number else "request"


def _said(scene: Scene, exchange: Exchange, event: Edited) -> str:
    """Return what was changed, as a sentence."""
    what = "left out" if event.after is None else "changed"
    if event.of == "response":
        return (
            f"The Set-Cookie of {named(event.name)} in {scene.at(exchange.number)} was {what} by "
            "hand (--edit), before the browser got it."
        )
    return (
        f"In the request in {scene.at(exchange.number)}, {named(event.name)} was {what} by hand "
        "(--edit), before the app got it."
    )


def _is_refused_anyway(exchange: Exchange, event: Edited, grade: Grade) -> bool:
    """Return whether a line is refused with or without its change."""
    response = exchange.response
    if event.of != "response" or response is None:
        return False
    refused = any(
        result.name == event.name and result.outcome is Outcome.REJECTED
        for result in response.set_cookies
    )
    if not refused:
        return False
    if grade.code in _BY_VALUE:
        return True
    part = exchange.request
    jar = CookieJar(profile_of(part.profile, part.version), default_public_suffixes())
    done = jar.store(event.before, part.target, part.context, response.at)
    return done.outcome is Outcome.REJECTED
