"""The events by which a recorder's clock goes: those on which verdicts depend."""

from __future__ import annotations

from typing import Final

from cookietrace.events import Client, Jar, Request, Response, Session

TIMED: Final = (Request, Response, Client, Session, Jar)
"""The events whose ``at`` moves the clock that lifetimes are counted by.

All others may be missing where an exchange is told of, and must not change its verdicts. Captures
that are read or merged as one have a single ``capture`` event, of the earliest time, and a merged
one has a single start. A cut drops what was recorded late of the exchanges before it, and what is
published has no bodies. A response counts if its request is known.
"""
