"""The user's settings for a command: from the file of ``--config``, or from the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import click

from cookietrace.safe_text import safe
from cookietrace.secret_names import Names, is_name
from cookietrace.settings import Settings, read_settings, settings_path


class Chosen(NamedTuple):
    """What a settings file says, and where it is."""

    path: Path
    settings: Settings

    def screen_arguments(self) -> list[str]:
        """Return the screen's options for these settings."""
        arguments = [f"--settings-file={self.path}", f"--theme={self.settings.theme}"]
        return [*arguments, "--hide-values"] if self.settings.hide_values else arguments

    def page(self, *, show_values: bool) -> dict[str, Any]:
        """Return what these settings, and an option, say about the page in a browser."""
        return {
            "hide_values": self.settings.hide_values,
            "show_values": show_values,
            "names": self.settings.names,
        }


def chosen_path() -> tuple[Path, bool]:
    """Return the settings file, and whether the user named it with ``--config``."""
    named = click.get_current_context().find_root().params.get("config")
    return (settings_path(), False) if named is None else (named.absolute(), True)


def chosen_settings() -> Chosen:
    """Return the settings. Raises ``FormatError`` if the file is not valid."""
    path, named = chosen_path()
    return Chosen(path, read_settings(path, required=named))


def chosen_names(keep: tuple[str, ...]) -> Names:
    """Return which names are those of secrets: by the settings, except for those to ``keep``."""
    for name in keep:
        if not is_name(name):
            raise click.BadParameter(f"{safe(name)!r} is not a name", param_hint="--keep")
    names = chosen_settings().settings.names
    return Names(redact=names.redact, keep=(*names.keep, *keep))
