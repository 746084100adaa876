"""``leaks``: say which secrets survive in a file, without showing them."""

from __future__ import annotations

import codecs
import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_capture import warn
from cookietrace.commands.reading_options import file_argument
from cookietrace.errors import FormatError
from cookietrace.leaks import SHORTEST, Finder, Leak, needles_of, sources
from cookietrace.safe_text import safe
from cookietrace.whole_file import read_whole

_MOST_SECRETS = 10_000
_MOST_BYTES = 16 * 1024 * 1024
_MOST_PLACES = 5
"""How many places are listed for a secret and for its parts."""
_MOST_KEPT = 1000
"""How many places of one secret are counted."""


class _Place(NamedTuple):
    """Where something survives, in words, and in order."""

    whole: bool
    text: str


@click.command(
    epilog=examples(
        "cookietrace leaks shop.har --secrets-from secrets.txt",
        "pass show shop/session | cookietrace leaks shop.har",
        "cookietrace leaks lesson.html",
        "    asks for the secrets, one per line",
    )
)
@file_argument
@click.option(
    "--secrets-from",
    metavar="SECRETS",
    type=click.Path(path_type=Path),
    help="File with the secrets, one per line [default: standard input].",
)
def leaks(file: Path, secrets_from: Path | None) -> None:
    """Check which secrets survive in a file before you share it.

    FILE is any file, also compressed with gzip or zip. The secrets are read from
    standard input or a file, one per line, and never from the command line, which
    other users can see. Each is looked for as it is and encoded (percent, HTML, JSON,
    Base64, hexadecimal, compressed and more, also nested), as a whole and in part: the
    segments of a JSON Web Token, the payload of a signed value, the members of JSON.

    The exit status is 0 if none survives, 1 if one does, and 2 if the check could
    not be made. The secrets themselves are never printed.
    """
    secrets = _secrets(secrets_from)
    finder = Finder(needles_of(list(secrets)), list(secrets))
    places: dict[int, dict[_Place, None]] = {}
    for source in sources(file):
        for window in source.windows:
            line, counted = window.line, 0
            for leak in finder.leaks(window.text):
                line += window.text.count("\n", counted, leak.start)
                counted = leak.start
                if len(places.get(leak.secret, ())) >= _MOST_KEPT:
                    continue
                where = f"{source.unit} {line}"
                if source.unit == "line":
                    where += f" (byte {window.offset + leak.start:,})"
                if source.name and source.unit == "line":
                    where += f" of {safe(source.name)}"
                place = _Place(leak.whole, f"{where}: {_what(leak)}")
                places.setdefault(leak.secret, {})[place] = None
    numbers = list(secrets.values())
    for index in sorted(places):
        for line_of_report in _report(numbers[index], list(places[index])):
            click.echo(line_of_report)
    click.echo(_summary(len(secrets), places, file))
    if not finder.complete:
        warn(
            f"{safe(str(file))} has more layers of encoding than are decoded: deeper ones were not "
            "searched"
        )
    sys.exit(1 if places else 0)


def _secrets(path: Path | None) -> dict[str, int]:
    """Return the secrets, each with the number of its line. Raises ``FormatError``."""
    if path is None:
        source = "standard input"
        if sys.stdin is None:
            raise FormatError("standard input is closed: use --secrets-from FILE")
        with _asking():
            content = _read(sys.stdin.buffer, source)
    else:
        source = safe(str(path))
        try:
            content = read_whole(path, _MOST_BYTES)
            _require_short(content, source)
        except OSError as error:
            raise FormatError(f"{source} cannot be read: {error.strerror}") from error
    found: dict[str, int] = {}
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        secret = line.decode("utf-8", "surrogateescape").strip()
        if not secret:
            continue
        if len(secret) < SHORTEST:
            raise FormatError(
                f"{source}, line {number}: a secret of fewer than {SHORTEST} characters "
                "would be found everywhere: leave it out"
            )
        found.setdefault(secret, number)
    if not found:
        raise FormatError(f"there are no secrets in {source}: give one per line")
    if len(found) > _MOST_SECRETS:
        raise FormatError(f"{source} holds more than {_MOST_SECRETS:,} secrets: split it")
    return found


def _read(file: BinaryIO, name: str) -> bytes:
    content = file.read(_MOST_BYTES + 1)
    _require_short(content, name)
    return content


def _require_short(content: bytes, name: str) -> None:
    if len(content) > _MOST_BYTES:
        raise FormatError(f"{name} is too large to be a list of secrets")


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """Ask for the secrets if they are typed, and do not show what is typed."""
    if not sys.stdin.isatty():
        yield
        return
    click.echo("Enter the secrets, one per line, then Ctrl-D (they are not shown):", err=True)
    import termios

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    silent = termios.tcgetattr(terminal)
    silent[3] &= ~termios.ECHO
    try:
        termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _what(leak: Leak) -> str:
    """Return in what spelling a secret survives."""
    spelled = ", then ".join(leak.spellings) if leak.spellings else "as it is"
    return f"{spelled}{'' if leak.same_case else ', letter case aside'}"


def _report(line: int, places: Sequence[_Place]) -> Iterator[str]:
    """Yield the lines about one secret: where it survives as a whole, then where in part."""
    for whole, title in ((True, "survives"), (False, "survives in part")):
        found = [place.text for place in places if place.whole is whole]
        if not found:
            continue
        yield f"The secret in line {line} {title}:"
        yield from (f"  {text}" for text in found[:_MOST_PLACES])
        if len(found) > _MOST_PLACES:
            over = len(places) >= _MOST_KEPT
            yield f"  and in {len(found) - _MOST_PLACES:,} more places{' at least' if over else ''}"


def _summary(count: int, places: dict[int, dict[_Place, None]], file: Path) -> str:
    name = safe(str(file))
    if count == 1:
        return f"The secret {'survives' if places else 'does not survive'} in {name}."
    if not places:
        return f"None of the {count:,} secrets survives in {name}."
    verb = "survives" if len(places) == 1 else "survive"
    return f"{len(places):,} of the {count:,} secrets {verb} in {name}."
