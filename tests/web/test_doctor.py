"""While nothing is recorded, the page has what the doctor says, as the screen has."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.doctor import LABELS, brief_findings
from cookietrace.events import Event, Listener, Recorder
from tests.story import seed_story
from tests.web.pages import page_of

LISTENING = Recorder(
    at=1.0, state="started", listeners=(Listener(mode="regular", address="127.0.0.1:1"),)
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of this machine's user are none of a test's business."""
    monkeypatch.setenv("HOME", str(tmp_path))


async def test_the_page_has_what_the_screen_has(tmp_path: Path) -> None:
    """The same findings in the same order, looked for once however many pages ask."""
    story = seed_story().events
    async with page_of(tmp_path, [story[0], LISTENING]) as page:
        first, second = await page.json("/api/doctor"), await page.json("/api/doctor")
        assert first == second
        wanted = brief_findings(page.writer, page.live.recording)
        assert [tuple(each.values()) for each in first["findings"]] == list(wanted)
        assert wanted
        assert {each["sure"] for each in first["findings"]} <= set(LABELS.values())
        await page.append([each for each in story[1:] if not isinstance(each, Recorder)])
        assert await page.json("/api/doctor") == {"findings": []}


async def test_without_a_listener_there_is_nothing_to_say(tmp_path: Path) -> None:
    """A capture in which nothing was ever started has no traffic that could be missing."""
    events: list[Event] = seed_story().events[:1]
    async with page_of(tmp_path, events) as page:
        assert await page.json("/api/doctor") == {"findings": []}
