"""A real Firefox that is listened to: what it says is recorded, and the wire is the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cookietrace.cookies import Outcome
from cookietrace.fold.exchange import CookieStatus
from cookietrace.lesson.browser_says import Word, statements
from cookietrace.supervision.browser_profile import distrust
from cookietrace.supervision.browsers import Browser
from tests.e2e.test_listening import Origin, Played, plain, play

pytestmark = pytest.mark.browser

SILENT = {"/socket", "/worker.js", "/icon.ico", "/favicon.ico", "/end"}
"""Of these Firefox may say nothing: they belong to no page, or the browser is closed meanwhile."""


@pytest.fixture(scope="module")
def played(
    firefox: Browser, tmp_path_factory: pytest.TempPathFactory, confdir: Path
) -> Iterator[tuple[Played, Played]]:
    """The same page twice: listened to, and not."""
    folder = tmp_path_factory.mktemp("listening")
    with Origin() as origin:
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        heard = play(firefox, origin, folder, confdir, heard=True)
        yield heard, play(firefox, origin, folder, confdir, heard=False)
        origin.shutdown()
        thread.join()


def test_the_wire_is_equal(played: tuple[Played, Played]) -> None:
    """The app gets the same header fields in the same order; the page can tell, as documented.

    When icons are requested is the browser's own affair: they are left out.
    """
    heard, unheard = played
    assert isinstance(heard.flags, list)
    assert isinstance(unheard.flags, list)
    assert (heard.flags[0], unheard.flags[0]) == (True, False), "navigator.webdriver"
    assert heard.flags[1:] == unheard.flags[1:]
    left_out = {"/icon.ico", "/favicon.ico"}
    wires = [
        {key: plain(fields) for key, fields in one.wire.items() if key[1] not in left_out}
        for one in played
    ]
    assert wires[0] == wires[1]


def test_what_it_says_is_recorded(played: tuple[Played, Played]) -> None:
    """Of the requests of pages; nothing is disputed, and nothing is left behind."""
    heard, unheard = played
    silent = {urlsplit(one.request.url).path for one in heard.trace.exchanges if not one.browser}
    assert silent <= SILENT
    assert [event.url for event in heard.events if event.unmatched is not None] == []
    without_certutil = distrust("firefox")
    assert heard.warnings == ([] if without_certutil is None else [without_certutil])
    assert {event.said_by for event in heard.events} == {"firefox-bidi"}
    found = [each for one in heard.trace.exchanges for each in statements(one)]
    assert [each for each in found if each.word is Word.DISPUTED and not each.guess] == []
    confirmed = {(each.name, each.ours) for each in found if each.word is Word.CONFIRMED}
    assert {("sid", Outcome.CREATED), ("sid", "sent"), ("sub", "withheld")} <= confirmed
    assert ("bad", Outcome.REJECTED) in confirmed, "the console names it"
    assert unheard.events == []
    assert not heard.left
    assert not unheard.left


def test_a_cookie_of_a_script_is_explained(played: tuple[Played, Played]) -> None:
    """No response set it, and it is in the jar: a script wrote it."""
    trace = played[0].trace
    [(part, carried), *_] = [
        (one.request, carried)
        for one in trace.exchanges
        for carried in one.request.cookies
        if carried.status is CookieStatus.UNEXPLAINED and carried.name == "scripted"
    ]
    written = trace.browser.writer(part.client_id, carried.name, carried.value, part.at)
    assert written is not None
    assert written.change.script
    assert {change.name for event in played[0].events for change in event.changes} == {"scripted"}
