"""Says that a key has arrived as soon as the terminal's thread has read it."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.driver import Driver
from textual.message import Message


def announcing(driver: type[Driver], arrived: Callable[[], object]) -> type[Driver]:
    """Return a kind of driver that calls ``arrived`` on its own thread for each key.

    The app gets a key only once whatever runs on its event loop has ended, so long work has to
    look whether one has arrived.
    """

    class EarlyKeys(driver):  # type: ignore[misc, valid-type]
        def send_message(self, message: Message) -> None:
            if isinstance(message, events.Key):
                arrived()
            super().send_message(message)

    return EarlyKeys
