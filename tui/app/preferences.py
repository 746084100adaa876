"""Saves what the user prefers, so that the next start is the same."""

from __future__ import annotations

from pathlib import Path

from cookietrace.errors import CookietraceError
from cookietrace.settings import save_setting
from tui.app.host import Host


class Preferences:
    """Writes only the settings file that it is given; without one, nothing is saved."""

    def __init__(self, host: Host, file: Path | None) -> None:
        self._host = host
        self._file = file

    def save(self, name: str, value: str | bool) -> bool:
        """Save one setting; if that fails, say why and return False."""
        if self._file is None:
            return False
        try:
            save_setting(self._file, name, value)
        except CookietraceError as error:
            self._failed(name, str(error))
        except OSError as error:
            self._failed(name, f"{self._file}: {error.strerror or error}")
        else:
            return True
        return False

    def choose(self, name: str, value: str | bool) -> None:
        """Save what the user chose by name, and say so."""
        if self._file is None:
            self._host.notify("There is no settings file to save this in.", timeout=4)
        elif self.save(name, value):
            self._host.notify(f"Saved for every start: {name} = {_written(value)}.", timeout=3)

    def _failed(self, name: str, why: str) -> None:
        self._host.notify(f"{name} could not be saved: {why}", severity="warning", timeout=8)


def _written(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
