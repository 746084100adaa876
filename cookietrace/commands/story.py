"""What ``explain`` tells beyond the JSON of every exchange: the story, problems, comparisons."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

import click

from cookietrace.commands.chosen_capture import WHY_NOTHING, kept, no_match, warn
from cookietrace.commands.everywhere import everywhere_json, everywhere_text
from cookietrace.commands.waiting_line import waiting_line
from cookietrace.commands.writing_options import print_pieces
from cookietrace.errors import FormatError
from cookietrace.events import Event
from cookietrace.follow import folded
from cookietrace.formats import outgoing
from cookietrace.json_text import json_bytes
from cookietrace.lesson.browser_says.wording import own_word_lines
from cookietrace.lesson.decoded_cookies import (
    NOTHING_INSIDE,
    TITLE,
    decoded_entries,
    decoded_story,
)
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problem_texts import (
    none_lines,
    other_refusals_lines,
    problem_entry,
    problem_lines,
    summary_lines,
)
from cookietrace.lesson.problems import problems, tally
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.lesson.stripped_cookies import LEFT_OUT, are_left_out
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import WIDTH, transcript
from cookietrace.lesson.unneeded_refusals import refusals_sentence
from cookietrace.recorders import Place
from cookietrace.redact.outgoing import outgoing_texts
from cookietrace.secret_names import Names
from cookietrace.sessions import Keys

_MOST_LINES: Final = 256
"""How many lines are printed together: each printing is a call of the system."""


class Story:
    """One capture as it is told to standard output."""

    def __init__(
        self,
        file: Place,
        read: Iterable[Event],
        focus: Focus | None,
        browser: str,
        *,
        show_values: bool,
        names: Names,
    ) -> None:
        """``read`` are the events of ``file``; the others are options of the command."""
        self._file = file
        self._read = read
        self._focus = focus
        self._browser = browser
        self._show_values = show_values
        self._names = names

    def everywhere(self, *, as_json: bool, all_verdicts: bool) -> None:
        """Print the verdicts that differ. Raises ``FormatError`` as ``problems`` does."""
        texts = outgoing_texts(self._read, show_values=self._show_values, names=self._names)
        table = Table(folded(kept(self._read), self._browser), self._focus, mask=texts.mask)
        self._require_match(table)
        if as_json:
            print_pieces(everywhere_json(table, texts, all_verdicts=all_verdicts))
        else:
            for line in everywhere_text(table, texts, all_verdicts=all_verdicts):
                click.echo(line)

    def problems(self, *, as_json: bool) -> None:
        """Print the problems. Raises ``FormatError`` if the focus matches nothing."""
        with waiting_line():
            table = self._table(bodies=True)
        self._require_match(table)
        if as_json:
            found = problems(table)
            _print_each(problem_entry(table, each) for each in distinct(found))
            if refused := refusals_sentence(table, found):
                warn(refused)
        else:
            for line in _problem_lines(table):
                click.echo(line)

    def objects(self, keys: Keys | None, *, jar: bool, all_withheld: bool) -> None:
        """Print a JSON object per exchange; with ``keys``, with what is inside its cookies."""
        table = self._table(bodies=False)
        self._require_match(table)
        objects = explanations(table.trace, jar=jar, all_withheld=all_withheld, focus=self._focus)
        if keys is not None:
            objects = ({**each, "sessions": decoded_entries(each, keys)} for each in objects)
        _print_each(objects)

    def text(self, keys: Keys | None, *, all_withheld: bool) -> None:
        """Print the story in plain text; with ``keys``, what is inside its cookies after it."""
        with waiting_line():
            table = self._table(bodies=True)
            self._require_match(table)
            lines = _story_lines(table, self._focus, all_withheld)
            first = list(islice(lines, 1))  # which says of all of them what it is about
        echo_lines(chain(first, lines))
        if keys is not None:
            _echo_decoded(table, keys)

    def _table(self, *, bodies: bool) -> Table:
        events = outgoing(
            self._read,
            show_values=self._show_values,
            browser=self._browser,
            names=self._names,
            bodies=bodies,
        )
        return Table(folded(kept(events), self._browser), self._focus)

    def _require_match(self, table: Table) -> None:
        """Raise ``FormatError`` if the focus matches nothing: that is no story without problems."""
        if self._focus is not None and not len(table):
            raise FormatError(no_match(self._file, self._focus))


def _echo_decoded(table: Table, keys: Keys) -> None:
    """Print what is inside the cookies of the exchanges in focus, after the story."""
    click.echo(f"\n{TITLE}")
    steps = {table.exchange(step).number: step for step in range(len(table), 0, -1)}
    story = ((table.label(steps[n]), table.exchange(steps[n])) for n in sorted(steps))
    any_found = False
    for line in decoded_story(story, keys):
        any_found = True
        click.echo(line)
    if not any_found:
        click.echo(f"\n{NOTHING_INSIDE}")


def _problem_lines(table: Table) -> Iterator[str]:
    """Yield how many problems and warnings there are, each in full, and what else was refused."""
    moments = problems(table)
    found = distinct(moments)
    if are_left_out(table.trace):
        yield from _left_out_lines()
        if not found:
            return
    counted = tally(problem.moment for problem in found).text
    yield from [counted] if counted else none_lines(table, WIDTH)
    for problem in found:
        yield ""
        yield from problem_lines(table, problem, WIDTH)
    if found and (others := other_refusals_lines(table, moments, WIDTH)):
        yield ""
        yield from others


def _left_out_lines() -> list[str]:
    return textwrap.wrap(f"Nothing can be said about cookies: {LEFT_OUT}", WIDTH)


def _story_lines(table: Table, focus: Focus | None, all_withheld: bool) -> Iterator[str]:
    """Yield a summary of the problems, then the transcript."""
    found = problems(table) if len(table) else []
    if are_left_out(table.trace):
        yield from _left_out_lines()
        yield ""
    if found or (len(table) and not are_left_out(table.trace)):
        yield from summary_lines(table, found, WIDTH)
        yield ""
    siblings = SiblingCookies(table.trace) if all_withheld else None
    yield from transcript(table.trace, focus=focus, siblings=siblings)
    if not table.trace.exchanges:
        yield WHY_NOTHING
    yield from own_word_lines(table.trace, focus)


def echo_lines(lines: Iterable[str]) -> None:
    """Print lines, more and more of them at a time: the first ones are there at once."""
    lines, size = iter(lines), 1
    while some := list(islice(lines, size)):
        click.echo("\n".join(some))
        size = min(2 * size, _MOST_LINES)


def _print_each(objects: Iterable[object]) -> None:
    """Write objects to standard output as JSON, one per line."""
    print_pieces(json_bytes(each) + b"\n" for each in objects)
