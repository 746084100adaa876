"""The live page in the very browser that is recorded, beside an app on the same host."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from cookietrace.events import Request, encode
from cookietrace.stores import events_of, open_store
from tests.web.watched import watched_app


def test_the_recorded_browser_can_show_the_page(
    context_through: Callable[[str | None], BrowserContext], tmp_path: Path
) -> None:
    """It shows the app's rows live; the capture has no request of the page, and no token.

    The app's cookie is set for the whole host, ports being no part of it, and changes nothing.
    """
    with watched_app(tmp_path) as watching:
        context = context_through(watching.proxy.removeprefix("http://"))
        page, app = context.new_page(), context.new_page()
        page.goto(f"{watching.page}#token={watching.tokens[0]}")
        expect(page.locator("#connection")).to_have_text("Live")
        for number in range(1, 4):
            app.goto(f"{watching.app}{number}")
            row = page.locator("tr[data-step] .action", has_text=f"GET /{number} ")
            expect(row).to_be_visible()
        for key in "123456789":
            page.keyboard.press(key)
        expect(page.locator("#jar tbody th")).to_contain_text("session")
        page.reload()
        expect(page.locator("#connection")).to_have_text("Live")
        assert [cookie["name"] for cookie in context.cookies()] == ["session"]
        context.close()
        with closing(open_store(watching.capture)) as store:
            events = list(events_of(store))
    asked = [event.url for event in events if isinstance(event, Request)]
    assert [url for url in asked if not url.startswith(watching.app)] == []
    text = b"\n".join(map(encode, events)).decode()
    assert not any(token in text for token in watching.tokens)
    assert watching.page.removeprefix("http://").rstrip("/") not in text
