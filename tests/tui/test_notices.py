"""The line of the newest notice, and the list that ``!`` opens."""

from __future__ import annotations

from cookietrace.events import Failure
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.notices import NoticesDialog


async def test_a_client_without_the_ca_gets_advice(opened: Open) -> None:
    """A TLS failure is shown at once, and ``!`` lists what to do about it."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 40)) as pilot:
        await it.settled(pilot)
        assert "bank.test" in screen_text(it.app)
        await pilot.press("exclamation_mark")
        await dialog(pilot, NoticesDialog)
        assert "cookietrace ca" in screen_text(it.app)


async def test_a_notice_goes_when_it_is_over(opened: Open) -> None:
    """Once the client reaches the host the line is gone; ``!`` still lists the notice."""
    failure = Failure(
        client_id="c1", at=captures.START, host="bank.test", kind="tls-client", message="no trust"
    )
    it = opened([captures.started(), captures.client(), failure])
    async with it.app.run_test(size=(100, 40)) as pilot:
        await it.settled(pilot)
        assert "• bank.test: no trust" in screen_text(it.app)
        it.append(captures.visit(1, "https://bank.test/"))
        await it.settled(pilot)
        assert "no trust" not in screen_text(it.app)
        await pilot.press("exclamation_mark")
        await dialog(pilot, NoticesDialog)
        assert "◦ bank.test: no trust · over" in screen_text(it.app)


async def test_a_flood_of_notices(opened: Open) -> None:
    """Many notices are counted, and the list has a limit."""
    failures = [
        Failure(
            client_id="c1",
            at=captures.START,
            host=f"h{n}.test",
            kind="tls-client",
            message="no trust",
        )
        for n in range(1200)
    ]
    it = opened([captures.started(), captures.client(), *failures])
    async with it.app.run_test(size=(100, 40)) as pilot:
        await it.settled(pilot)
        assert "• h1199.test: no trust" in screen_text(it.app)
        assert "! 1,200 notices" in screen_text(it.app)
        await pilot.press("exclamation_mark")
        await dialog(pilot, NoticesDialog)
        await pilot.press("end")
        await until(pilot, lambda: "and 900 earlier ones" in screen_text(it.app))
