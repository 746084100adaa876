"""Many recorders on the screen: their list, their problems, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from textual.widgets import OptionList

from cookietrace.lesson.focus import Focus
from cookietrace.recorders import JoinedStore, Life, Several
from tests.checking.sign_ins import broken_sign_in
from tests.recorders.lab import Lab, recording
from tests.tui import captures
from tests.tui.conftest import Open, PatientApp, dialog, screen_text, until
from tui.app.app import Options
from tui.dialogs.problem_list import ProblemListDialog
from tui.dialogs.recorders import RecordersDialog

COUNT = 40


class Shown:
    """A lab of forty recorders, and the app that shows all of them."""

    def __init__(self, count: int) -> None:
        self.lab = Lab()
        for number in range(1, count + 1):
            self.add(f"lab-{number:02}")
        self.store = JoinedStore(self.lab)
        self.app = PatientApp(self.store, Options(capture=Several(("lab-*",))))

    def add(self, name: str) -> None:
        """Add a recorder with a problem."""
        first, *rest = recording(broken_sign_in(), name)
        self.lab.begin(name, first, host=f"{name}.lab.example").append(rest)

    @property
    def drawn(self) -> bool:
        """Whether everything that was recorded is drawn."""
        app, whole = self.app, sum(store.ahead() - 1 for store in self.lab.stores.values()) + 1
        screen = app.mode_screen
        return (
            app.story.loading is None
            and app.story.trace.position == whole
            and app.updates.drawn_position == whole
            and app.problems.at_rest
            and screen is not None
            and screen.at_rest
        )


@pytest.fixture
def shown() -> Iterator[Shown]:
    """A lab, closed at the end."""
    with ExitStack() as stack:
        made = Shown(COUNT)
        stack.callback(made.store.close)
        yield made


async def test_forty_recorders_at_80_by_24(shown: Shown) -> None:
    """Counted in the bar; listed with scrolling; one can be focused on; what changes is told."""
    app, lab = shown.app, shown.lab
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: shown.drawn)
        bar = screen_text(app).splitlines()[1]
        assert "40 live" in bar
        assert "▲ 1 problem · 1 warning" in bar
        await pilot.press("R")
        await dialog(pilot, RecordersDialog)
        lines = screen_text(app)
        assert "40 recorders: 40 live" in lines
        assert "Recorder  State  Behind  Lost  Problems" in lines
        assert "● lab-01    live   –       –     1 problem · 1 warning" in lines
        assert "on lab-01.lab.example" in lines
        await pilot.press("end")
        await until(pilot, lambda: "lab-40" in screen_text(app))
        lab.set("lab-40", life=Life.SILENT, silent=75.0, unpublished=7)
        lab.set("lab-39", life=Life.ENDED, lost=2, lost_message="The disk was full.")
        del lab.states["lab-01"]
        await until(pilot, lambda: "◐ lab-40    silent 1 min 15 s" in screen_text(app))
        assert "7 events not published yet" in screen_text(app)
        await pilot.press("up")
        await until(pilot, lambda: "2 gaps: The disk was full." in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: shown.drawn and app.story.focus == Focus(recorder="lab-39"))
        assert {app.story.table.who(app.story.table.exchange(1))} == {"Client"}
        await until(pilot, lambda: "lab-40: silent" in screen_text(app))
        await until(pilot, lambda: "37 live, 1 silent, 1 ended, 1 gone" in app.story.recording.name)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "lab-01 is no longer there" in screen_text(app))


async def test_the_problems_of_all_in_groups(shown: Shown) -> None:
    """Once if many have it; by recorder, host or cookie; Enter goes to its step."""
    app = shown.app
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shown.drawn)
        await pilot.press("P")
        await dialog(pilot, ProblemListDialog)
        text = screen_text(app)
        assert "1 problem · 1 warning   all   by recorder   by host   by cookie" in text
        assert text.count("40 recorders") == 2
        assert "Fix: If other sites must cause it to be sent" in text
        for key, heading, count in (
            ("r", "lab-01  1 problem · 1 warning", 3 * COUNT),
            ("h", "shop.test  1 problem · 1 warning", 3),
            ("c", "oauth_state  1 problem", 4),
            ("a", "'oauth_state' withheld", 2),
            ("tab", "lab-02  1 problem · 1 warning", 3 * COUNT),
        ):
            await pilot.press(key)
            await until(pilot, lambda heading=heading: heading in screen_text(app))  # type: ignore[misc]
            assert app.screen.query_one(OptionList).option_count == count
        await pilot.press("down", "down")
        await pilot.press("enter")
        await until(pilot, lambda: shown.drawn and not app.dialog_open)
        exchange = app.story.exchange
        assert exchange is not None
        assert exchange.exchange_id.startswith("lab-02:")


async def test_a_recorder_that_appears_is_part_of_the_story(shown: Shown) -> None:
    """Its rows come as those of live traffic do, and it is told."""
    app = shown.app
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: shown.drawn)
        shown.add("lab-99")
        await until(pilot, lambda: len(app.story.trace.clients) == COUNT + 1 and shown.drawn)
        await until(pilot, lambda: "lab-99: recording" in screen_text(app))


async def test_nothing_yet() -> None:
    """A live place without captures waits, and says so."""
    lab = Lab()
    store = JoinedStore(lab)
    app = PatientApp(store, Options(capture=Several(("lab-*",))))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Waiting for the recorders" in screen_text(app))
        assert "No capture matches lab-* yet: waiting for one" in screen_text(app)
        assert "uses the proxy" not in screen_text(app)
    store.close()


async def test_a_capture_of_one_recorder(opened: Open) -> None:
    """The list of recorders says that there is one; the problems can be listed anyway."""
    it = opened(captures.login_bug(), live=False)
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("R")
        await until(pilot, lambda: "This capture is" in screen_text(it.app))
        await pilot.press("P")
        await dialog(pilot, ProblemListDialog)
        assert "'session' refused: SameSite=None without Secure" in screen_text(it.app)
        await pilot.press("enter")
        await it.settled(pilot)
        assert it.app.story.step == 4
