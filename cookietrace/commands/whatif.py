"""``whatif``: a capture told again, with other cookies, another browser, time or address."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

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
from cookietrace.commands.unhindered import left_to_the_system, unhindered
from cookietrace.cookies import PROFILES
from cookietrace.cutting.amounts import span_of
from cookietrace.errors import EndedError, FormatError
from cookietrace.events import Event
from cookietrace.json_text import json_bytes
from cookietrace.lesson.mask import unmasked
from cookietrace.lesson.transcript import WIDTH
from cookietrace.lesson.what_if import (
    LineChange,
    Move,
    Retold,
    Scenario,
    retold,
    what_if_entry,
    what_if_lines,
)
from cookietrace.lesson.what_if.imagining import Imagining
from cookietrace.lesson.what_if.retold_beside import can_be_told_beside, retold_beside
from cookietrace.recorders import place_events
from cookietrace.redact.outgoing import Outgoing, outgoing_texts

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
    report lists what would differ, the problems that are gone or new, and the line to
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
        raise FormatError("say what to change: --set, --drop, --in, --later or --move")
    names = chosen_names(keep)

    def texts_of(events: Iterable[Event]) -> Outgoing:
        return outgoing_texts(events, show_values=show_values, names=names)

    def imagining() -> Imagining:
        every = place_events(file, lenient=lenient, lost=unsaid)
        context.call_on_close(every.close)  # also if it is read in this process
        return Imagining(every, scenario, browser, unmasked if as_json else texts_of(every).mask)

    def report(retold: Retold, texts: Outgoing) -> bytes | str:
        left_to_the_system(retold)
        made: bytes | str
        if as_json:
            made = json_bytes(what_if_entry(retold, texts.mask, texts.text))
        else:
            lines = what_if_lines(retold, texts.text, texts.mask, width=WIDTH, most=_MOST)
            made = "\n".join(lines)
        if changes and not retold.changed:
            cookies = ", ".join(sorted({change.name for change in changes}))
            if retold.set_so_already:
                raise FormatError(f"nothing to change: {cookies} is already set that way")
            where = " in that step" if at is not None else ""
            raise FormatError(f"no response sets {cookies}{where}")
        return made

    context = click.get_current_context()
    context.with_resource(unhindered())
    other = half_of_the_work(file, imagining) if can_be_told_beside(scenario) else None
    events = chosen_capture(file, lenient=lenient, new_sessions=(), browser=browser)
    told: bytes | str | None = None
    if other is not None:
        with suppress(EndedError):  # then this process does it all
            other.ready()
            texts = texts_of(events)
            told = report(retold_beside(events, scenario, browser, other, texts.learning), texts)
    if told is None:
        texts = texts_of(events)
        told = report(retold(events, scenario, browser, passing=texts.learning), texts)
    click.echo(told)


def _wait(text: str) -> tuple[str, float]:
    step, _, time = text.partition("=")
    try:
        return step.strip(), span_of(time)
    except ValueError:
        raise FormatError(f"not a step and a time: {text} (such as 14=2h)") from None
