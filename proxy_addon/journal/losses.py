"""What could not be recorded: counted once per exchange, and told in one line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from cookietrace.events import Browser, Event, Request


class Loss:
    """Events that were lost, from when to when, and why.

    An exchange whose request was lost makes no more events, so it is just counted; the ids of
    others that miss a part are kept, to count each of them once. They are few: the exchanges that
    were in progress when a loss began.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.since = time.time()
        self.until = self.since
        self.events = 0
        self._whole = 0
        self._in_part: set[str] = set()

    @property
    def exchanges(self) -> int:
        """How many exchanges are missing, or were recorded only in part."""
        return self._whole + len(self._in_part)

    def add(self, events: Sequence[Event]) -> None:
        """Count events that were not recorded."""
        self.events += len(events)
        self.until = time.time()
        whole = {event.exchange_id for event in events if isinstance(event, Request)}
        self._whole += len(whole)
        self._in_part -= whole
        for event in events:
            exchange_id = getattr(event, "exchange_id", None)
            if isinstance(event, Browser):
                continue  # the exchange is whole without it
            if exchange_id is not None and exchange_id not in whole:
                self._in_part.add(exchange_id)

    def merge(self, other: Loss) -> None:
        """Add what was lost before or after."""
        self.since = min(self.since, other.since)
        self.until = max(self.until, other.until)
        self.reason = other.reason
        self.events += other.events
        self._whole += other._whole
        self._in_part |= other._in_part

    def message(self) -> str:
        """Return one line about the loss."""
        first, last = (
            datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")
            for moment in (self.since, self.until)
        )
        many = self.exchanges
        exchanges = {0: "something other than an exchange was", 1: "1 exchange was"}
        return (
            f"{exchanges.get(many, f'{many} exchanges were')} not recorded, or only in part "
            f"(at least {self.events} {'event' if self.events == 1 else 'events'}), "
            f"from {first} to {last} UTC ({self.until - self.since:.1f} s): {self.reason}"
        )
