"""``whatif``: a capture told again, with other cookies, another browser, time or address."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from cookietrace.commands import examples
from cookietrace.commands.beside import half_of_the_work, unsaid
from cookietrace.commands.chosen_capture import chosen_capture
from cookietrace.commands.chosen_settings import chosen_names
from cookietrace.commands.reading_options import (
    browser_option,
    file_argument,
    keep_option,
    lenient_option,
    show_values_option,
)
from cookietrace.commands.unhindered import unhindered
from cookietrace.cookies import PROFILES
from cookietrace.cutting.amounts import span_of
from cookietrace.errors import EndedError, FormatError
from cookietrace.json_text import json_bytes
from cookietrace.lesson.transcript import WIDTH
from cookietrace.lesson.what_if import (
    LineChange,
    Move,
    Scenario,
    retold,
    what_if_entry,
    what_if_lines,
)
from cookietrace.recorders import place_events
from cookietrace.redact.outgoing import Outgoing, Shown, outgoing_texts
from cookietrace.redact.passed import Passed
from cookietrace.redact.texts_beside import TextsBeside

if TYPE_CHECKING:
    from cookietrace.redact.text_maker import TextMaker

_MOST: Final = 20
"""How many differences are listed in text."""


@click.command(
    epilog=examples(
        "cookietrace whatif shop.cookietrace --set 'sid: SameSite=None; Secure'",
        "cookietrace whatif shop.cookietrace --set 'sid: Path=/; -Domain' --at 12",
        "cookietrace whatif shop.cookietrace --drop theme",
        "cookietrace whatif shop.cookietrace --in safari",
        "cookietrace whatif shop.cookietrace --later 14=2h",
        "    two hours pass before step 14",
        "cookietrace whatif shop.cookietrace --move http://localhost:5000=https://shop.example",
    )
)
@file_argument
@click.option(
    "--set",
    "sets",
    metavar="CHANGE",
    multiple=True,
    help="Change a cookie's attributes: 'NAME: Attribute=Value; Attribute; -Attribute'.",
)
@click.option("--drop", "drops", metavar="NAME", multiple=True, help="Do not set this cookie.")
@click.option("--at", metavar="STEP", help="Change only the response of this step.")
@click.option(
    "--in", "browser_then", type=click.Choice(list(PROFILES)), help="Another browser's rules."
)
@click.option(
    "--later",
    "waits",
    metavar="STEP=TIME",
    multiple=True,
    help="Let time pass before a step, such as 14=2h (units: s, m, h, d, w).",
)
@click.option(
    "--move", "moves", metavar="OLD=NEW", multiple=True, help="Another scheme, host or port."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@browser_option
@show_values_option
@keep_option
@lenient_option
def whatif(
    file: Path,
    sets: tuple[str, ...],
    drops: tuple[str, ...],
    at: str | None,
    browser_then: str | None,
    waits: tuple[str, ...],
    moves: tuple[str, ...],
    as_json: bool,
    browser: str,
    show_values: bool,
    keep: tuple[str, ...],
    lenient: bool,
) -> None:
    """Say what would be different if a cookie, the browser, the time or the address were.

    FILE is read as by `cookietrace explain`. The story is folded once as it was and
    once as it would have been, with requests that send what the jar then holds. The
    report has the first difference first, the problems gone and new, and the line to
    write in your app.

    It assumes that the app responds as it did: what it would have sent to other cookies
    is unknown.
    """
    changes = [LineChange.parse(text).with_known_values() for text in sets]
    changes += [LineChange(name, drop=True) for name in drops]
    if at is not None and not changes:
        raise FormatError("--at needs --set or --drop")
    later = [_wait(text) for text in waits]
    if at is not None:
        changes = [msgspec.structs.replace(each, exchange_id=at) for each in changes]
    scenario = Scenario(
        browser=browser_then,
        changes=tuple(changes),
        moves=tuple(map(Move.parse, moves)),
        later=tuple(later),
        by_step=True,
    )
    if scenario == Scenario(by_step=True):
        raise FormatError("say what is different: --set, --drop, --in, --later or --move")
    names = chosen_names(keep)

    def texts_there() -> TextMaker:
        from cookietrace.redact.text_maker import TextMaker  # what redacts is needed only there

        with place_events(file, lenient=lenient, lost=unsaid) as every:
            return TextMaker(every, names, requests=as_json)

    click.get_current_context().with_resource(unhindered())
    other = None if show_values else half_of_the_work(file, texts_there)
    events = chosen_capture(file, lenient=lenient, new_sessions=(), browser=browser)
    texts = outgoing_texts(events, show_values=show_values, names=names)
    passed = Passed()
    passing = texts.learning if other is None else passed.passing
    retelling = retold(events, scenario, browser, passing=passing)
    if changes and not retelling.changed:
        cookies = ", ".join(sorted({change.name for change in changes}))
        if retelling.set_so_already:
            raise FormatError(f"nothing to change: {cookies} is set so already")
        raise FormatError(f"no response sets {cookies}{' in that step' if at is not None else ''}")
    if other is not None:
        with suppress(EndedError):  # then this process does it all
            other.ready()
            if other.call("learned") == passed.all:  # else the capture grew, or was cut
                texts = TextsBeside(other, texts)
    if as_json:
        click.echo(json_bytes(_outgoing(what_if_entry(retelling, texts.mask), texts)))
        return
    for line in what_if_lines(retelling, texts.text, texts.mask, width=WIDTH, most=_MOST):
        click.echo(line)


def _wait(text: str) -> tuple[str, float]:
    step, _, time = text.partition("=")
    try:
        return step.strip(), span_of(time)
    except ValueError:
        raise FormatError(f"not a step and a time: {text} (such as 14=2h)") from None


def _outgoing(entry: dict[str, Any], texts: Outgoing) -> object:
    """Return plain JSON types with every text made fit to leave the machine."""
    if isinstance(texts, Shown):
        return entry
    found: dict[str, None] = {}
    _add_texts(entry, found)
    known = dict(zip(found, texts.texts(list(found)), strict=True))

    def hidden(value: object) -> object:
        if isinstance(value, str):
            return known[value]
        if isinstance(value, dict):
            return {key: hidden(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [hidden(each) for each in value]
        return value

    return hidden(entry)


def _add_texts(value: object, found: dict[str, None]) -> None:
    """Add every text in plain JSON types."""
    if isinstance(value, str):
        found[value] = None
    elif isinstance(value, dict):
        for each in value.values():
            _add_texts(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            _add_texts(each, found)
