"""Reading a capture as it grows: how often it is looked at, and what is passed on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import pytest

from cookietrace.events import Event, Recorder
from cookietrace.follow import follow
from cookietrace.stores import START, Batch, CaptureStore, MemoryStore, create_capture
from cookietrace.stores.pace import Pace
from tests.story import Story

MOST_LOOKS = 5
"""How often in a second a capture is looked at to which nothing comes."""


class PassingTime(threading.Event):
    """What ends a reader. Waiting for it takes no time, but moves a clock."""

    def __init__(self, end: float) -> None:
        super().__init__()
        self.now, self._end = 0.0, end
        self.waits: list[float] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        """Let the time pass; it is over at the end."""
        assert timeout is not None
        self.now += timeout
        self.waits.append(self.now)
        if self.now >= self._end:
            self.set()
        return self.is_set()


def test_a_capture_that_nobody_records_is_looked_at_rarely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a minute there are five looks a second; an event is passed on after one pause."""
    stop = PassingTime(end=130.0)
    monkeypatch.setattr("cookietrace.follow.Pace", lambda: Pace(stop.clock))
    taken: list[tuple[float, Batch]] = []
    mark = Recorder(at=1.0, state="started")
    with create_capture(tmp_path / "quiet.cookietrace") as store:
        ahead = store.ahead

        def grows_later(after: str = START) -> int:
            if stop.now > 70.0 and len(taken) == 2:
                store.append([mark])
            return ahead(after)

        monkeypatch.setattr(store, "ahead", grows_later)
        follow(store, stop=stop, take=lambda batch: taken.append((stop.now, batch)))
    quiet = [at for at in stop.waits if 10.0 <= at < 70.0]
    assert 0 < len(quiet) <= MOST_LOOKS * 60 + 1
    sizes = [len(batch.events) for _, batch in taken]
    assert sizes == [1, 0, 1, 0]
    assert taken[2][0] < 70.0 + 2 / MOST_LOOKS
    soon = [at for at in stop.waits if at > taken[2][0]][:100]
    assert soon[-1] - soon[0] < 1.0, "after an event it is looked at as often as at first"


class Waking(MemoryStore):
    """A store that wakes its reader again and again, and has its own trouble each time."""

    def __init__(self, events: list[Event], troubles: list[str | None]) -> None:
        super().__init__(events)
        self._troubles = troubles
        self.stop = threading.Event()

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return the events, then nothing, each time with the next trouble."""
        if after == START:
            return super().read(after, limit)
        return Batch((), after, trouble=self._troubles.pop(0))

    def woken(self, after: str, timeout: float) -> bool:
        """Return at once."""
        del after, timeout
        if not self._troubles:
            self.stop.set()
        return False


@pytest.mark.parametrize(
    ("troubles", "told"),
    [
        ([None, None, None], [None]),
        ([None, "away", "away", None, None], [None, "away", None]),
        (["away", None, "away"], ["away", None, "away"]),
    ],
)
def test_what_has_not_changed_is_told_once(
    troubles: list[str | None], told: list[str | None]
) -> None:
    """That there is nothing more is passed on once, and again only with other trouble."""
    taken: list[Batch] = []
    store = Waking(list(Story("https://shop.test").events), list(troubles))
    follow(cast(CaptureStore, store), stop=store.stop, take=taken.append)
    assert [batch.trouble for batch in taken if not batch.events] == told
