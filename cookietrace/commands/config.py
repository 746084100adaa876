"""``config``: show the user's settings, or open them in an editor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_path, chosen_settings
from cookietrace.commands.recording_options import setting_options
from cookietrace.safe_text import safe
from cookietrace.settings import KEYS, NO_BROWSER, Settings, new_file
from cookietrace.supervision.recording import DEFAULT_LISTEN, DEFAULT_REVERSE_LISTEN
from cookietrace.whole_file import write_whole

_DEFAULTS: Mapping[str, str] = {
    "browser": NO_BROWSER,
    "attach": "no browser of your own",
    "listen": f"{DEFAULT_LISTEN}, or the next free port",
    "reverse-listen": f"{DEFAULT_REVERSE_LISTEN}, or the next free port",
    "only": "every host",
    "ignore": "no host",
    "max-size": "no limit",
    "max-age": "no limit",
    "redact": "no other names",
    "keep": "no name",
}
"""What a key without a value means."""


@click.command(
    epilog=examples(
        "cookietrace config",
        "cookietrace config --edit",
        "    opens the file in your editor ($VISUAL or $EDITOR)",
        "cookietrace config --browser firefox",
        "    shows what would apply with this option of watch",
    )
)
@setting_options
@click.option("--path", "only_path", is_flag=True, help="Print only the path of the file.")
@click.option("--edit", is_flag=True, help="Open the file in your editor; create it if needed.")
def config(only_path: bool, edit: bool, **options: Any) -> None:
    """Show your settings: the file, each value, and where it comes from.

    The file is config.toml in your config folder. Options on the command line
    take precedence over it, and `cookietrace --config FILE COMMAND` reads another
    file. The screen saves the theme there, and what you choose in its palette
    (Ctrl-P, "Settings").
    """
    path, _ = chosen_path()
    if only_path:
        click.echo(path)
        return
    if edit:
        _edit(path)
        return
    chosen = chosen_settings()
    there = "" if path.exists() else " (does not exist yet: `cookietrace config --edit` creates it)"
    click.echo(f"Settings: {safe(str(path))}{there}\n")
    rows = [_row(name, chosen.settings, options) for name in KEYS]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, value, source in rows:
        click.echo(f"  {name:<{widths[0]}}  {value:<{widths[1]}}  {source}".rstrip())


def _row(name: str, settings: Settings, options: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return a key, its value in words, and where the value comes from."""
    field = KEYS[name].field
    given = options.get(field)
    if given:
        return name, _words(name, given), f"option --{name}"
    value = _words(name, getattr(settings, field))
    line = settings.lines.get(name)
    return name, value, "default" if line is None else f"file, line {line}"


def _words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return safe(", ".join(value)) or _DEFAULTS[name]
    return safe(str(value)) if value is not None else _DEFAULTS[name]


def _edit(path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, [new_file().encode()])
    click.edit(filename=str(path))
    chosen_settings()
