"""``python -m tests.formats.fuzz_files [SECONDS [SEED]]``: any file gets a result or one line.

Valid captures of every format are changed at random: bits, pieces, and the values inside (other
types, huge numbers, deep nesting, long texts). Reading one ends with exit status 0, 1 or 2, with
short lines on standard error, no traceback, and in bounded time. A file that fails is kept, and its
path is printed with the seed.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from mitmproxy.io import tnetstring

from cookietrace.cli import main as command_line
from cookietrace.events import Capture, encode
from cookietrace.formats import export
from cookietrace.stores import create_capture
from tests.formats import awkward

COMMANDS = (
    ("explain",),
    ("explain", "--json", "--jar"),
    ("check", "--format", "sarif"),
    ("export", "--format", "jsonl"),
    ("export", "--format", "har", "--show-values"),
    ("export", "--format", "html", "--path", "/*"),
    ("export", "--format", "markdown"),
    ("export", "--format", "csv"),
    ("export", "--format", "flow"),
)

LONGEST_LINE = 500
"""The most characters of a line on standard error, besides the path."""

SLOW = 10
"""After how many seconds a command counts as one that does not end."""

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, -(2**63), 10**400, 1e308, -1e308, 0.5, "", "x" * 20_000, "\0",
    "\x1b[2J\x9b", "\u0301" * 50, "é", "http://", "http://[::1", "http://a:99999999/", "a=b; c=d",
    [], {}, [[]], ["x"] * 2_000, "9" * 5_000, "2026-13-45T99:99:99Z", "=?==", "request", "verdicts",
)  # fmt: skip
"""What takes the place of a value."""


def changed(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one part changed."""
    spots: list[tuple[Any, Any]] = []

    def find(part: Any) -> None:
        for key in part if isinstance(part, dict) else range(len(part)):
            spots.append((part, key))
            if isinstance(part[key], dict | list):
                find(part[key])

    root = [value]
    find(root)
    where, key = chance.choice(spots)
    kind = chance.randrange(6)
    if kind == 0 and where is not root:
        del where[key]
    elif kind == 1 and isinstance(where, list):
        where[key:key] = [where[key]] * chance.choice((1, 100))
    elif kind == 2:
        nested: Any = 1
        for _ in range(chance.choice((5, 90, 600))):
            nested = [nested]
        where[key] = nested
    elif kind == 3:
        other, name = chance.choice(spots)
        where[key] = json.loads(json.dumps(other[name], default=repr))
    else:
        where[key] = chance.choice(VALUES)
    return root[0] if root else None


def in_lines(content: bytes, chance: random.Random) -> bytes:
    """Change the values in some lines of JSON Lines."""
    lines = content.splitlines()
    for _ in range(chance.choice((1, 1, 3))):
        at = chance.randrange(len(lines))
        with contextlib.suppress(ValueError, RecursionError):
            lines[at] = json.dumps(changed(json.loads(lines[at]), chance)).encode()
    if chance.random() < 0.2:
        chance.shuffle(lines)
    return b"\n".join(lines) + b"\n"


def in_object(content: bytes, chance: random.Random) -> bytes:
    """Change values in a JSON object."""
    value = json.loads(content)
    for _ in range(chance.choice((1, 1, 3))):
        value = changed(value, chance)
    try:
        return json.dumps(value).encode()
    except RecursionError:
        return content.replace(b"[", b"[" * 5_000, 1)


def in_flows(content: bytes, chance: random.Random) -> bytes:
    """Change values in a flow file."""
    file = io.BytesIO(content)
    flows: list[Any] = []
    with contextlib.suppress(ValueError):
        while True:
            flows.append(tnetstring.load(file))
    at = chance.randrange(len(flows))
    flows[at] = changed(flows[at], chance)
    written = b""
    for flow in flows:
        try:
            written += tnetstring.dumps(flow)
        except (ValueError, TypeError, RecursionError):
            written += b"3:abc,"
    return written


def in_bytes(content: bytes, chance: random.Random) -> bytes:
    """Change bits and pieces."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 2, 20))):
        at, size = chance.randrange(len(data)), chance.choice((1, 4, 100))
        kind = chance.randrange(5)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = data[at : at + size]
        elif kind == 3:
            data[at : at + size] = chance.randbytes(size)
        else:
            del data[chance.choice((at, len(data))) :]
        if not data:
            return b"x"
    return bytes(data)


def database(lines: bytes, folder: Path) -> bytes:
    """Return a capture with these lines as its rows."""
    path = folder / "made.cookietrace"
    path.unlink(missing_ok=True)
    info = awkward.EVENTS[0]
    assert isinstance(info, Capture)
    create_capture(path, info=info).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM events")
        rows = [(line.decode(errors="replace"),) for line in lines.splitlines()]
        connection.executemany("INSERT INTO events (json) VALUES (?)", rows)
        connection.commit()
    return path.read_bytes()


def zipped(content: bytes) -> bytes:
    """Return a zip archive with one JSON Lines file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", content)
    return packed.getvalue()


class Fuzzer:
    """Makes files, and reads them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        plain = b"".join(encode(event) + b"\n" for event in awkward.EVENTS)
        redacted = b"".join(export(awkward.EVENTS, "jsonl"))
        hars = [
            b"".join(export(awkward.EVENTS, "har", show_values=values)) for values in (True, False)
        ]
        flows = [
            b"".join(export(awkward.EVENTS, "flow", show_values=values)) for values in (True, False)
        ]
        inside: list[tuple[str, bytes, Callable[[bytes, random.Random], bytes]]] = [
            ("jsonl", plain, in_lines),
            ("jsonl", redacted, in_lines),
            *(("har", har, in_object) for har in hars),
            *(("flow", flow, in_flows) for flow in flows),
            ("cookietrace", plain, lambda data, chance: database(in_lines(data, chance), folder)),
        ]
        packed = [
            ("cookietrace", database(plain, folder)),
            ("jsonl.gz", gzip.compress(plain)),
            ("zip", zipped(plain)),
        ]
        self._sources = [
            *inside,
            *((kind, content, in_bytes) for kind, content, _ in inside if kind != "cookietrace"),
            *((kind, content, in_bytes) for kind, content in packed),
        ]

    def made(self, seed: int) -> tuple[Path, tuple[str, ...]]:
        """Return a file, and the command that reads it."""
        chance = random.Random(seed)
        kind, content, change = chance.choice(self._sources)
        path = self._folder / f"fuzzed.{kind}"
        path.write_bytes(change(content, chance))
        name, *options = chance.choice(COMMANDS)
        lenient = ["--lenient"] if chance.random() < 0.4 else []
        return path, (name, str(path), *options, *lenient)

    def problem(self, path: Path, command: tuple[str, ...]) -> str | None:
        """Return what is wrong with how a file is read; None if nothing is."""
        out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
        arguments = sys.argv
        status: object = None
        sys.argv = ["cookietrace", *command]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                command_line()
        except SystemExit as ended:
            status = ended.code
        except BaseException:  # noqa: BLE001 - whatever it is, it is the finding
            return traceback.format_exc()
        finally:
            sys.argv = arguments
        if status not in (0, 1, 2):
            return f"exit status {status}"
        if status == 2 and not err.getvalue():
            return "exit status 2 without a reason"
        for line in err.getvalue().splitlines():
            if len(line.replace(str(path), "")) > LONGEST_LINE or not line.isprintable():
                return f"a line on stderr: {line[:1000]!r}"
        return None


def main(arguments: list[str]) -> int:
    """Search for some seconds; return the exit status."""
    seconds = float(arguments[0]) if arguments else 60.0
    seed = int(arguments[1]) if arguments[1:] else random.randrange(10**9)
    print(f"Seed {seed}")

    def too_slow(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"no end after {SLOW} s")

    signal.signal(signal.SIGALRM, too_slow)
    end, tried, found = time.monotonic() + seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(Path(folder))
        while time.monotonic() < end and found < 10:
            path, command = fuzzer.made(seed + tried)
            signal.alarm(SLOW)
            problem = fuzzer.problem(path, command)
            signal.alarm(0)
            tried += 1
            if problem is not None:
                found += 1
                kept = Path(tempfile.mkdtemp(), path.name)
                kept.write_bytes(path.read_bytes())
                print(f"\nseed {seed + tried - 1}: {' '.join(command)}\n{kept}\n{problem[-1500:]}")
    print(f"{tried} files, {found} of them with a problem")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
