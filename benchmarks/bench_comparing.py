"""What a user waits for who compares: ``diff`` and ``whatif``, as whole processes.

``diff`` reads a capture and the same journey after a deployment: every value is another one, and
one cookie has lost an attribute. Beside it, mitmproxy's ``FlowReader`` reads the exchanges of one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.bench_commands import Commands, compared, given
from benchmarks.captures import ordinary, write_capture
from benchmarks.figures import Figure
from benchmarks.runner import main
from cookietrace import events as ev

_VALUE: Final = re.compile(r"(?<==)[0-9a-f]{24}")

WHAT_IF: Commands = {
    "whatif, no SameSite": ("whatif", "--json", "--set", "session: -SameSite"),
    "whatif, a cookie is not set": ("whatif", "--json", "--drop", "session"),
    "whatif, another browser": ("whatif", "--json", "--in", "safari"),
}
"""What is told again otherwise: in these, every exchange may differ."""


def deployed(events: Iterator[ev.Event]) -> Iterator[ev.Event]:
    """Yield the same journey with other values, and ``session`` without ``Secure``."""
    for event in events:
        if isinstance(event, ev.Request):
            event = msgspec.structs.replace(event, headers=_rotated(event.headers))
        elif isinstance(event, ev.Response):
            headers = [(name, _insecure(field)) for name, field in _rotated(event.headers)]
            event = msgspec.structs.replace(event, headers=tuple(headers))
        yield event


def _rotated(headers: ev.Headers) -> ev.Headers:
    return tuple(
        [(name, _VALUE.sub(lambda value: value[0][::-1], field)) for name, field in headers]
    )


def _insecure(field: str) -> str:
    return field.replace(" Secure;", "") if field.startswith("session=") else field


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what each command takes."""
    for size in sizes:
        with given("ordinary", size) as made:
            after = Path(made.folder, "after.cookietrace")
            write_capture(after, deployed(ordinary(size)))
            commands = {"diff": ("diff", str(after), "--json"), **WHAT_IF}
            yield from compared(made, commands, "ordinary", size)


if __name__ == "__main__":
    sys.exit(main(["comparing", *sys.argv[1:]]))
