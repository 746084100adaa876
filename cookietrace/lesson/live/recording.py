"""The state of the recording: whether it runs, where it listens, and what went wrong."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.addresses import from_here
from cookietrace.events import Listener, Recorder
from cookietrace.protocol import Report


class State(StrEnum):
    """The state as the header shows it."""

    WAITING = "waiting"
    RECORDING = "recording"
    GAP = "recording, with a gap"
    TROUBLE = "not recording"
    STOPPED = "stopped"
    FILE = "capture file"


class Recording(msgspec.Struct, frozen=True):
    """The state of the recording, from the proxy's reports and the capture's own events."""

    name: str
    """The file name of the capture."""
    attached: bool = False
    """True if a proxy reports to this screen; otherwise the screen only reads a file."""
    live: bool = False
    """True while a process writes to the capture."""
    ended: bool = False
    """True once the proxy has closed its report pipe."""
    listeners: tuple[Listener, ...] = ()
    ca: str | None = None
    """The path of the proxy's CA certificate, if the proxy reported it."""
    trouble: str | None = None
    warning: str | None = None
    """What is wrong with the proxy while recording works."""
    notice: str | None = None
    """What the user should know about this recording, though nothing is wrong."""
    heard: str | None = None
    """The user's own browser that is listened to."""
    unheard: str | None = None
    """Why it is not heard just now, or not all of it."""
    gap: str | None = None
    recorder: str | None = None
    """The state in the capture's latest ``recorder`` event."""
    several: bool = False
    """Whether it is the story of several recorders, whose listeners are none of ours."""

    @property
    def state(self) -> State:
        """The state to show; trouble comes first."""
        if self.trouble is not None:
            return State.TROUBLE
        others = self.several and self.live
        if self.ended or (self.recorder == "stopped" and not (self.attached or others)):
            return State.STOPPED
        if not (self.live or self.attached):
            return State.FILE
        if self.gap is not None:
            return State.GAP
        return State.RECORDING if self.recorder or self.listeners else State.WAITING

    @property
    def open(self) -> bool:
        """True if more traffic may arrive."""
        return self.state in (State.WAITING, State.RECORDING, State.GAP, State.TROUBLE)

    @property
    def shown_listeners(self) -> tuple[Listener, ...]:
        """The listeners that a browser can use now."""
        return self.listeners if self.open and not self.several else ()

    def reported(self, report: Report) -> Recording:
        """Return the state after a report from the proxy."""
        if report.type == "listening":
            return msgspec.structs.replace(
                self, listeners=report.listeners or self.listeners, ca=report.ca or self.ca
            )
        if report.type == "trouble":
            return msgspec.structs.replace(self, trouble=report.message or "recording failed")
        if report.type == "recovered":
            return msgspec.structs.replace(self, trouble=None)
        if report.type == "warning":
            return msgspec.structs.replace(self, warning=report.message)
        if report.type == "notice":
            return msgspec.structs.replace(self, notice=report.message)
        if report.type == "attached":
            return msgspec.structs.replace(self, heard=report.label, unheard=report.message)
        if report.type == "stopped":
            return msgspec.structs.replace(self, ended=True, trouble=report.message or self.trouble)
        return self

    def with_recorder(
        self, recorder: Recorder | None, listeners: tuple[Listener, ...], gap: str | None
    ) -> Recording:
        """Return the state after reading the capture's own ``recorder`` events."""
        seen = listeners if self.live or self.attached else ()
        return msgspec.structs.replace(
            self,
            recorder=recorder.state if recorder is not None else None,
            gap=gap,
            listeners=self.listeners or seen,
        )

    def proxy_address(self) -> str | None:
        """Return ``host:port`` of the forward proxy; None if there is none."""
        for listener in self.shown_listeners:
            if listener.mode == "regular" and listener.label is None:
                return from_here(listener.address)
        return None

    def reverse(self) -> Listener | None:
        """Return the listener in front of an app; None if there is none."""
        for listener in self.shown_listeners:
            if listener.mode == "reverse":
                return listener
        return None
