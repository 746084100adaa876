"""Files of a part of a capture: whatever the format, what is in them is judged as in the whole."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cookietrace import events as ev
from cookietrace.cutting.compacting import compact, none_before
from cookietrace.cutting.stretch import Stretch, stretch
from cookietrace.formats import export, read_capture, write_export
from cookietrace.lesson.explain import explanations
from cookietrace.trace import fold
from tests.story import CHROMIUM, TYPED, Story


def visits(*, sensitive: bool = True) -> Story:
    """Visits that set a cookie each; the fourth lacks one that it should have."""
    story = Story("https://shop.test")
    first = story.events[0]
    assert isinstance(first, ev.Capture)
    story.events[0] = ev.Capture(
        capture_id="f00d", schema=ev.SCHEMA, at=first.at, producer="story", sensitive=sensitive
    )
    headers = (*TYPED, ("User-Agent", CHROMIUM))
    for number, cookie in enumerate((None, "n=secret-0", "n=secret-1", None, "n=secret-3")):
        exchange_id = story.ask("/", cookie, headers=headers)
        story.respond(exchange_id, f"n=secret-{number}; Path=/; HttpOnly")
    return story


def told(events: Iterable[ev.Event]) -> list[dict[str, Any]]:
    """Return what is said about each exchange, without what a format gives other names."""
    found = []
    for each in explanations(fold(events)):
        for name in ("number", "step", "exchange_id", "client_id", "at"):
            del each[name]
        found.append(each)
    return found


@pytest.mark.parametrize("show_values", [True, False])
@pytest.mark.parametrize("format_name", ["jsonl", "har"])
def test_a_part_is_judged_as_in_the_whole(
    format_name: str, show_values: bool, tmp_path: Path
) -> None:
    """JSONL with values or tokens, and HAR: the first exchange finds its cookie in the jar."""
    story, path = visits(), tmp_path / f"part.{format_name}"
    part = stretch(story.events, Stretch(first="x3", last="x4"))
    write_export(path, export(part, format_name, show_values=show_values))
    assert show_values is (b"secret-1" in path.read_bytes())
    read = list(read_capture(path))
    found, whole = told(read), told(story.events)[2:4]
    assert [len(each["missing"]) for each in found] == [0, 1]
    assert [[one["status"] for one in each["request_cookies"]] for each in found] == [["sent"], []]
    if show_values:
        assert found == whole
    if format_name == "jsonl":
        assert [row.label for row in fold(read).rows] == ["5", "6", "7", "8"]


def test_a_redacted_capture_can_be_cut_too(tmp_path: Path) -> None:
    """Its verdicts stay, and those on exchanges that are gone are no reason to refuse the file."""
    story, path, again = visits(), tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    write_export(path, export(story.events, "jsonl"))
    whole = list(read_capture(path))
    write_export(again, export(compact(whole, none_before("x3")), "jsonl"))
    cut = list(read_capture(again))
    assert told(cut) == told(whole)[2:]
    trace = fold(cut)
    assert [row.label for row in trace.rows] == [row.label for row in fold(whole).rows][4:]
    assert [cookie.name for cookie in trace.jar_at("c1", trace.position)] == ["n"]
