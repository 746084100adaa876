"""Watches the recorders of a story of several, and shows them and their problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problems import tally
from cookietrace.recorders import JoinedStore, Life, RecorderState, brief_summary
from cookietrace.stores import CaptureStore
from tui.app.focusing import Focusing
from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.dialogs.problem_list import ProblemListDialog
from tui.dialogs.recorders import RecordersDialog
from tui.state.story import Story

_MOST_NAMED: Final = 3
"""How many recorders a message names at most."""

_CHANGES: Final = {
    Life.LIVE: "recording",
    Life.SILENT: "silent",
    Life.ENDED: "ended",
    Life.GONE: "no longer there",
    Life.NOT_SHOWN: "not shown",
}


class Recorders:
    """Tells what becomes of the recorders, and lists them when asked."""

    def __init__(
        self,
        host: Host,
        story: Story,
        stepping: Stepping,
        focusing: Focusing,
        store: CaptureStore,
    ) -> None:
        self._host = host
        self._story = story
        self._stepping = stepping
        self._focusing = focusing
        self._store = store if isinstance(store, JoinedStore) else None
        self._known: dict[str, Life] | None = None
        """The recorders and their state when we looked last; None before."""

    @property
    def several(self) -> bool:
        """Whether several captures are shown as one."""
        return self._store is not None

    def look(self) -> None:
        """Show what has changed with the recorders."""
        if self._store is None:
            return
        states = self._store.recorders()
        self._story.notices.tell(self._store.tellings())
        name = f"{brief_summary(states)} · {self._store.title}"
        recording = msgspec.structs.replace(self._story.recording, name=name)
        lives = {state.name: state.life for state in states}
        changed = lives != self._known
        if self._known is not None and changed:
            self._say(self._known, lives)
        self._known = lives
        told = self._story.notices.newest
        if changed or recording != self._story.recording or told != self._told:
            self._told = told
            self._story.recording = recording
            screen = self._host.ready_screen
            if screen is not None:
                screen.refresh_bars()

    _told: object = None

    def _say(self, before: Mapping[str, Life], now: Mapping[str, Life]) -> None:
        """Say in one message which recorders have another state than before."""
        by_life: defaultdict[Life, list[str]] = defaultdict(list)
        for name, life in now.items():
            if before.get(name) is not life:
                by_life[life].append(shown(name))
        lines = []
        for life, names in by_life.items():
            more = len(names) - _MOST_NAMED
            named = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
            lines.append(f"{named}: {_CHANGES[life]}")
        if lines:
            self._host.notify("\n".join(lines), title="Recorders", timeout=5)

    def list_recorders(self) -> None:
        """Show the list of recorders; the user may choose one to focus on."""
        if not self.states():
            self._host.notify("This capture is that of one recorder.", timeout=3)
            return
        self._host.ask(RecordersDialog(self.states, self._found), self._chosen)

    def list_problems(self) -> None:
        """Show the list of problems; the user may choose one to go to."""
        dialog = ProblemListDialog(self._story.table, self._story.problems())
        self._host.ask(dialog, self._problem_chosen)

    def states(self) -> Sequence[RecorderState]:
        """Return what is known about each recorder; for a merged capture, the names."""
        if self._store is not None:
            return self._store.recorders()
        names = {state.recorder for state in tuple(self._story.trace.clients)}
        named = sorted(name for name in names if name is not None)
        return [RecorderState(name=name, life=Life.ENDED) for name in named]

    def _found(self) -> Mapping[str, str]:
        """Return how many problems and warnings each recorder's clients have."""
        found: defaultdict[str, list[Moment]] = defaultdict(list)
        for moment in self._story.problems():
            if moment.recorder is not None:
                found[moment.recorder].append(moment)
        return {name: tally(moments).text for name, moments in found.items()}

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self._focusing.set(msgspec.structs.replace(Focus(), recorder=name))

    def _problem_chosen(self, row: int | None) -> None:
        if row:
            self._stepping.go_to(row)
