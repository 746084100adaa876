"""The user's settings: ``config.toml`` in the user's config folder.

Every key is at the top level of the file, so it can be found and changed without touching the
rest. What the command line says takes precedence over the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import platformdirs

from cookietrace.addresses import parse_address, parse_host
from cookietrace.cutting.amounts import AGE_EXPECTED, SIZE_EXPECTED, age_of, size_of
from cookietrace.did_you_mean import did_you_mean
from cookietrace.errors import FormatError, LaunchError
from cookietrace.safe_text import safe
from cookietrace.secret_names import Names, is_name
from cookietrace.supervision.browsers import kinds
from cookietrace.toml_text import LARGEST, parse
from cookietrace.whole_file import read_whole, write_whole

NAME: Final = "config.toml"
"""The most bytes of a file; a device never ends."""

NO_BROWSER: Final = "none"
"""The value of ``browser`` for which none is opened."""

_BYTE_ORDER_MARK = "\ufeff"
"""Some editors on Windows write it first."""

Value = str | bool | tuple[str, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user's file says; every field is the default if it says nothing."""

    theme: str = "dark"
    hide_values: bool = False
    """Whether the screen starts with cookie values hidden."""
    browser: str | None = None
    """The browser that a recording opens."""
    attach: str | None = None
    """Where the DevTools of the user's own browser are, which a recording listens to."""
    listen: str | None = None
    reverse_listen: str | None = None
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    max_size: str | None = None
    max_age: str | None = None
    redact: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    lines: Mapping[str, int] = {}
    """The keys that the file sets, and the lines where it does, from 1."""

    @property
    def names(self) -> Names:
        """What the file changes about which names are those of secrets."""
        return Names(redact=self.redact, keep=self.keep)


class Key(NamedTuple):
    """One key of the file."""

    name: str
    """As in the file."""
    expects: str
    """What its value must be, in words."""
    read: Callable[[object], Value | None]
    """Returns the field's value; raises ``ValueError`` if the file's is not valid."""
    example: str
    """A line for a new file."""
    about: str

    @property
    def field(self) -> str:
        """The field of ``Settings``."""
        return self.name.replace("-", "_")


def settings_path() -> Path:
    """Return the path of the user's file, which may not exist."""
    return platformdirs.user_config_path("cookietrace", appauthor=False) / NAME


def read_settings(path: Path, *, required: bool = False) -> Settings:
    """Return what a file says; the defaults if there is none, unless it is ``required``.

    Raises ``FormatError``: one line that names the file, the line, and what to write instead.
    """
    text = _text(path, required=required)
    return _parsed(text, path) if text is not None else Settings()


def save_setting(path: Path, name: str, value: str | bool) -> None:
    """Set one key of the user's file, and leave everything else in it as it is.

    The file and its folder are made if they are missing, for the user alone; another process sees
    the old file or the new one, never a part. A file that is a link stays one. Raises
    ``FormatError`` if the file is not valid or the key cannot be changed, and ``OSError`` if it
    cannot be written.
    """
    text = _text(path, required=False) or ""
    before = _parsed(text, path)
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    changed = mark + _with_line(text.removeprefix(mark), name, value)
    field = KEYS[name].field
    wanted = KEYS[name].read(value)
    try:
        after = _parsed(changed, path)
    except FormatError:
        after = None
    if after is None or _values(after) != {**_values(before), field: wanted}:
        raise FormatError(
            f"{safe(str(path))}: change {name} by hand: it is not on a line of its own"
        )
    target = path.resolve()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(target, [changed.encode()], replace=True)


def new_file() -> str:
    """Return the text of a file in which every key is explained, and none is set."""
    parts = ["# The settings of cookietrace. Options on the command line take precedence.\n"]
    parts += [f"\n# {key.about}\n# {key.example}\n" for key in KEYS.values()]
    return "".join(parts)


def _text(path: Path, *, required: bool) -> str | None:
    try:
        data = read_whole(path, LARGEST)
        if len(data) > LARGEST:
            raise FormatError(f"{safe(str(path))} is larger than {LARGEST >> 10} KiB")
        return data.decode()  # with the line ends that it has
    except (FileNotFoundError, NotADirectoryError) as error:
        if not required:
            return None
        raise FormatError(f"{safe(str(path))} cannot be read: {error.strerror}") from error
    except OSError as error:
        raise FormatError(f"{safe(str(path))} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{safe(str(path))} is not UTF-8 text") from error


def _parsed(text: str, path: Path) -> Settings:
    name = safe(str(path))
    text = text.removeprefix(_BYTE_ORDER_MARK)
    content = parse(f"{text}\n", name)  # so that an error at the end has a line
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in content.items():
        lines[key] = _line_of(text, key)
        where = f"{name}, line {lines[key]}"
        if key not in KEYS:
            known = ", ".join(KEYS)
            raise FormatError(
                f"{where}: unknown key {safe(key)}.{did_you_mean(key, KEYS)} The keys are {known}"
            )
        try:
            found[KEYS[key].field] = KEYS[key].read(value)
        except ValueError:
            raise FormatError(f"{where}: {key} must be {KEYS[key].expects}") from None
    return Settings(**found, lines=lines)


def _line_of(text: str, key: str) -> int:
    """Return the line on which a key of the top level, or a table of that name, begins."""
    begins = re.compile(rf"""\s*\[{{0,2}}\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    lines = text.split("\n")
    return next((number for number, line in enumerate(lines, 1) if begins.match(line)), 1)


def _with_line(text: str, name: str, value: str | bool) -> str:
    """Return the text with a key set: on its line if there is one, otherwise on a new one."""
    written = str(value).lower() if isinstance(value, bool) else f'"{value}"'
    line = re.compile(rf"""(?m)^(\s*{name}\s*=\s*)("[^"\n]*"|'[^'\n]*'|\w+)""")
    if line.search(text):
        return line.sub(lambda match: f"{match[1]}{written}", text, count=1)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{end}{name} = {written}\n"


def _values(settings: Settings) -> dict[str, object]:
    return {key.field: getattr(settings, key.field) for key in KEYS.values()}


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError
        return value

    return read


def _browser(value: object) -> str | None:
    kind = _one_of(*kinds(), NO_BROWSER)(value)
    return None if kind == NO_BROWSER else kind


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _address(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    try:
        parse_address(value, "")
    except LaunchError:
        raise ValueError from None
    return value


def _hosts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError
    if not all(isinstance(host, str) for host in value):
        raise ValueError
    try:
        return tuple([parse_host(host, "") for host in value])
    except LaunchError:
        raise ValueError from None


def _amount(read: Callable[[str], float]) -> Callable[[object], str]:
    def checked(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError
        read(value)
        return value

    return checked


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError
    if not all(isinstance(name, str) and is_name(name) for name in value):
        raise ValueError
    return tuple(value)


def _words(words: tuple[str, ...]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


_BROWSERS = (*kinds(), NO_BROWSER)
_ADDRESS = 'HOST:PORT in quotes, such as "127.0.0.1:8080"'
_DEVTOOLS = 'HOST:PORT in quotes, such as "127.0.0.1:9222"'
_HOSTS = 'a list of hosts, such as ["shop.example"]'
_NAMES = 'a list of names, such as ["X-Company-Auth"]'

THEMES: Final = ("dark", "light")

KEYS: Final[Mapping[str, Key]] = {
    key.name: key
    for key in (
        Key(
            "theme",
            _words(THEMES),
            _one_of(*THEMES),
            'theme = "light"',
            "The colours of the screen: dark or light.",
        ),
        Key(
            "hide-values",
            "true or false",
            _flag,
            "hide-values = true",
            "Whether the screen starts with cookie values hidden; m shows them.",
        ),
        Key(
            "browser",
            _words(_BROWSERS),
            _browser,
            'browser = "chromium"',
            "The browser that watch, proxy and demo open.",
        ),
        Key(
            "attach",
            _DEVTOOLS,
            _address,
            'attach = "127.0.0.1:9222"',
            "Your own Chrome that watch and proxy listen to: its --remote-debugging-port.",
        ),
        Key(
            "listen",
            _ADDRESS,
            _address,
            'listen = "127.0.0.1:8080"',
            "Where the proxy listens.",
        ),
        Key(
            "reverse-listen",
            _ADDRESS,
            _address,
            'reverse-listen = "127.0.0.1:8081"',
            "Where your app is reachable through the proxy.",
        ),
        Key(
            "only",
            _HOSTS,
            _hosts,
            'only = ["shop.example"]',
            "Record only these hosts and their subdomains (not in the demo).",
        ),
        Key(
            "ignore",
            _HOSTS,
            _hosts,
            'ignore = ["bank.example"]',
            "Pass these hosts through without decrypting or recording them (not in the demo).",
        ),
        Key(
            "max-size",
            f"{SIZE_EXPECTED}, in quotes",
            _amount(size_of),
            'max-size = "500MB"',
            "Keep captures to this size: the oldest exchanges are removed (not in the demo).",
        ),
        Key(
            "max-age",
            f"{AGE_EXPECTED}, in quotes",
            _amount(age_of),
            'max-age = "7d"',
            "Remove exchanges that are older than this (not in the demo).",
        ),
        Key(
            "redact",
            _NAMES,
            _names,
            'redact = ["X-Company-Auth"]',
            "More names of header fields, parameters and members whose values are secrets.",
        ),
        Key(
            "keep",
            _NAMES,
            _names,
            'keep = ["state"]',
            "Names whose values stay in exports and on the screen. (Cookie values never do.)",
        ),
    )
}
"""The keys of the file, by name."""
