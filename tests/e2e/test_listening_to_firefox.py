"""A real Firefox that is listened to: what it says is recorded, and the wire is the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from cookietrace.cookies import Outcome
from cookietrace.fold.exchange import CookieStatus
from cookietrace.lesson.browser_says import Word, statements
from cookietrace.supervision.browser_profile import distrust
from cookietrace.supervision.browsers import Browser
from tests.e2e.test_listening import Origin, Played, plain, play

pytestmark = pytest.mark.browser

SILENT = {
    "firefox-log": {"/end", "/favicon.ico", "/icon.ico"},
    "firefox-bidi": {"/socket", "/worker.js", "/icon.ico", "/favicon.ico", "/end"},
}
"""Of these it may say nothing: the browser is closed meanwhile, or, over BiDi, they belong to no
page."""


class Plays(NamedTuple):
    """The same page three times."""

    log: Played
    """Listened to by its log, as by default."""
    port: Played
    """Listened to over a port."""
    unheard: Played


@pytest.fixture(scope="module")
def played(
    firefox: Browser, tmp_path_factory: pytest.TempPathFactory, confdir: Path
) -> Iterator[Plays]:
    """The same page, listened to in both ways, and not."""
    folder = tmp_path_factory.mktemp("listening")
    with Origin() as origin:
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        log = play(firefox, origin, folder, confdir, heard=True)
        port = play(firefox, origin, folder, confdir, heard=True, by_port=True)
        yield Plays(log, port, play(firefox, origin, folder, confdir, heard=False))
        origin.shutdown()
        thread.join()


def test_the_wire_is_equal(played: Plays) -> None:
    """The app gets the same header fields in the same order, whoever listens.

    The page can tell only that a port is open, as documented. When icons are requested is the
    browser's own affair: they are left out.
    """
    flags = [one.flags for one in played]
    assert all(isinstance(each, list) for each in flags)
    assert flags == [flags[0], [True, *flags[0][1:]], flags[0]]  # type: ignore[index]
    assert flags[0][0] is False, "navigator.webdriver"  # type: ignore[index]
    left_out = {"/icon.ico", "/favicon.ico"}
    wires = [
        {key: plain(fields) for key, fields in one.wire.items() if key[1] not in left_out}
        for one in played
    ]
    assert wires[0] == wires[1] == wires[2]


@pytest.mark.parametrize("by", ["firefox-log", "firefox-bidi"])
def test_what_it_says_is_recorded(played: Plays, by: str) -> None:
    """Nothing is disputed, and nothing is left behind."""
    heard = played.log if by == "firefox-log" else played.port
    silent = {urlsplit(one.request.url).path for one in heard.trace.exchanges if not one.browser}
    assert silent <= SILENT[by]
    assert [event.url for event in heard.events if event.unmatched is not None] == []
    without_certutil = distrust("firefox")
    assert heard.warnings == ([] if without_certutil is None else [without_certutil])
    assert {event.said_by for event in heard.events} == {by}
    found = [each for one in heard.trace.exchanges for each in statements(one)]
    assert [each for each in found if each.word is Word.DISPUTED and not each.guess] == []
    confirmed = {(each.name, each.ours) for each in found if each.word is Word.CONFIRMED}
    assert {("sid", Outcome.CREATED), ("sid", "sent"), ("sub", "withheld")} <= confirmed
    assert ("bad", Outcome.REJECTED) in confirmed
    assert played.unheard.events == []
    assert not heard.left
    assert not played.unheard.left


def test_its_log_is_a_pipe_and_nothing_else(played: Plays) -> None:
    """None of its processes writes a file."""
    assert [one.log_was_a_pipe for one in played] == [True, False, False]
    assert [one.files_of_its_log for one in played] == [[], [], []]


@pytest.mark.parametrize("by", ["firefox-log", "firefox-bidi"])
def test_a_cookie_of_a_script_is_explained(played: Plays, by: str) -> None:
    """No response set it, and it is in the jar: a script wrote it."""
    heard = played.log if by == "firefox-log" else played.port
    trace = heard.trace
    [(part, carried), *_] = [
        (one.request, carried)
        for one in trace.exchanges
        for carried in one.request.cookies
        if carried.status is CookieStatus.UNEXPLAINED and carried.name == "scripted"
    ]
    written = trace.browser.writer(part.client_id, carried.name, carried.value, part.at)
    assert written is not None
    assert written.change.script
    assert {change.name for event in heard.events for change in event.changes} == {"scripted"}
