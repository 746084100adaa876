"""What browsers say themselves of the requests that they made, as a capture holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookietrace.doctor.facts import Asked
from cookietrace.events import Event

Source = Callable[[Event], Asked | None]
"""Returns the request that a browser says it made, if an event is that; otherwise None."""

SOURCES: Final[tuple[Source, ...]] = ()
"""Each is asked about every event of a capture. While there is none, nothing is compared."""
