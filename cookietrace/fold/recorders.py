"""What the recorders of a trace say about themselves; most often there is one, without a name."""

from __future__ import annotations

from cookietrace.events import Listener, Recorder, recorder_of


class Recorders:
    """The latest state and the listeners of each recorder."""

    def __init__(self) -> None:
        self._latest: dict[str | None, Recorder] = {}
        """The latest event of each recorder other than a gap, in the order of the events."""
        self._listeners: dict[str | None, tuple[Listener, ...]] = {}

    def apply(self, event: Recorder) -> None:
        """Take the start or the end of a recorder."""
        name = recorder_of(event)
        self._latest.pop(name, None)
        self._latest[name] = event
        if event.state == "started":
            self._listeners[name] = event.listeners

    @property
    def latest(self) -> Recorder | None:
        """The latest event; that of a recorder which has not stopped, if there is one."""
        found: Recorder | None = None
        for event in self._latest.values():
            if found is None or event.state == "started" or found.state != "started":
                found = event
        return found

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The listeners of all recorders."""
        every = (each for listeners in self._listeners.values() for each in listeners)
        return tuple(dict.fromkeys(every))

    def listeners_of(self, name: str | None) -> tuple[Listener, ...]:
        """Return the listeners of one recorder."""
        return self._listeners.get(name, ())
