"""Whether anything is being recorded, where, and what is wrong with it: one frozen value."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.events import Listener, Recorder
from cookietrace.protocol import Report


class State(StrEnum):
    """What the header says of the recording."""

    WAITING = "waiting"
    RECORDING = "recording"
    GAP = "recording, with a gap"
    TROUBLE = "not recording"
    STOPPED = "stopped"
    FILE = "capture file"


class Recording(msgspec.Struct, frozen=True):
    """The state of the recording, from the proxy's reports and the capture's own words."""

    name: str
    """What the capture is called: the last part of its path."""
    attached: bool = False
    """True where a proxy reports to us; else we look on at a file."""
    live: bool = False
    """True while somebody writes to the capture."""
    ended: bool = False
    """True once the proxy that reported to us has closed its pipe."""
    listeners: tuple[Listener, ...] = ()
    ca: str | None = None
    """Where the proxy's CA certificate lies, if it said."""
    trouble: str | None = None
    gap: str | None = None
    recorder: str | None = None
    """The state that the capture's latest ``recorder`` event names."""

    @property
    def state(self) -> State:
        """The one thing to show; trouble goes before everything else."""
        if self.trouble is not None:
            return State.TROUBLE
        if self.ended or (self.recorder == "stopped" and not self.attached):
            return State.STOPPED
        if not (self.live or self.attached):
            return State.FILE
        if self.gap is not None:
            return State.GAP
        return State.RECORDING if self.recorder or self.listeners else State.WAITING

    @property
    def open(self) -> bool:
        """True where more traffic may come."""
        return self.state in (State.WAITING, State.RECORDING, State.GAP, State.TROUBLE)

    @property
    def shown_listeners(self) -> tuple[Listener, ...]:
        """The listeners that a browser can be pointed at now."""
        return self.listeners if self.open else ()

    def reported(self, report: Report) -> Recording:
        """Return the state after a report of the proxy."""
        if report.type == "listening":
            return msgspec.structs.replace(
                self, listeners=report.listeners or self.listeners, ca=report.ca or self.ca
            )
        if report.type == "trouble":
            return msgspec.structs.replace(self, trouble=report.message or "recording fails")
        if report.type == "recovered":
            return msgspec.structs.replace(self, trouble=None)
        if report.type == "stopped":
            return msgspec.structs.replace(self, ended=True, trouble=report.message or self.trouble)
        return self

    def told(
        self, recorder: Recorder | None, listeners: tuple[Listener, ...], gap: str | None
    ) -> Recording:
        """Return the state after what the capture itself says of its recorder."""
        seen = listeners if self.live or self.attached else ()
        return msgspec.structs.replace(
            self,
            recorder=recorder.state if recorder is not None else None,
            gap=gap,
            listeners=self.listeners or seen,
        )

    def proxy_address(self) -> str | None:
        """Return ``host:port`` of the forward proxy; None where there is none."""
        for listener in self.shown_listeners:
            if listener.mode == "regular" and listener.label is None:
                return listener.address
        return None

    def reverse(self) -> Listener | None:
        """Return the listener that stands before an app; None where there is none."""
        for listener in self.shown_listeners:
            if listener.mode == "reverse":
                return listener
        return None
