"""``python -m tests.cookies.fuzz_engine [SECONDS]``: any bytes get a verdict.

One property: parsing, storing and selecting never raise, and a line that was accepted gives a
cookie whose name and value are parts of that line. With atheris the search is guided by coverage;
without it the input comes from a seeded generator, and the first line of output says so.
"""

from __future__ import annotations

import inspect
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import NoReturn

from cookietrace.cookies import (
    PROFILES,
    parse_cookie_date,
    parse_cookie_header,
    parse_target,
)
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar
from tests.cookies.findings import check_findings

PIECES = (
    b"=", b";", b"; ", b" ", b"\t", b"\x00", b"\x7f", b"\xff", b".", b"/", b"+0", b"-1", b"1601",
    b"Path=", b"Domain=", b"Max-Age=", b"Expires=", b"SameSite=", b"Secure", b"HttpOnly",
    b"Partitioned", b"Priority=", b"__Host-", b"__Secure-", b"__Http-", b"shop.test", b"None",
    b"Lax", b"Wed, 09 Jun 2027 10:18:14", b"https://", b"\n",
)  # fmt: skip
"""Meaningful pieces of input, so that a generator without coverage gets past the first checks."""


def check(data: bytes) -> None:
    """Pass data to all parsers and a jar; raise if the property fails.

    The first two bytes choose the profile and the context, the rest is a URL and a line.
    """
    chosen = (*data[:2], 0, 0)
    name = sorted(PROFILES)[chosen[0] % len(PROFILES)]
    context = CONTEXTS[sorted(CONTEXTS)[chosen[1] % len(CONTEXTS)]]
    url, _, line = data[2:].decode("latin-1").partition("\n")
    parse_cookie_date(line)
    parse_cookie_header(line)
    for target in (parse_target(url), parse_target("https://www.shop.test/a")):
        jar = empty_jar(name)
        result = jar.store(line, target, context, NOW)
        check_findings(result.reasons, "rejected")
        check_findings(result.warnings, "warning")
        assert result.name in line
        assert result.value in line
        jar.select(target, context, NOW)


def generated(seed: int) -> bytes:
    """Return bytes made of noise and of the meaningful pieces."""
    chance = random.Random(seed)
    return chance.randbytes(2) + b"".join(
        chance.choice(PIECES) if chance.random() < 0.7 else chance.randbytes(chance.randrange(4))
        for _ in range(chance.randrange(60))
    )


def guided(seconds: float) -> NoReturn:
    """Search with atheris, which ends the process, with status 0 if nothing raised."""
    atheris = import_module("atheris")
    for function in engine_functions():
        atheris.instrument_func(function)
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder, "words")
        escaped = ("".join(f"\\x{byte:02X}" for byte in piece) for piece in PIECES)
        words.write_text("".join(f'"{text}"\n' for text in escaped))
        options = (f"-max_total_time={int(seconds)}", f"-dict={words}", "-max_len=512")
        atheris.Setup([sys.argv[0], *options], check)
        atheris.Fuzz()
    raise AssertionError("atheris ends the process itself")


def engine_functions() -> Iterator[FunctionType]:
    """Yield every function of the engine, cached ones and methods included."""
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("cookietrace.cookies"):
            continue
        members = list(vars(module).values())
        for member in members:
            if isinstance(member, type) and member.__module__ == name:
                members.extend(vars(member).values())
            function = inspect.unwrap(member) if callable(member) else member
            if isinstance(function, FunctionType) and function.__module__ == name:
                yield function


def main(arguments: list[str]) -> int:
    """Run for the given number of seconds, 30 by default."""
    seconds = float(arguments[0]) if arguments else 30.0
    if find_spec("atheris") is not None:
        guided(seconds)
    print("atheris is not installed: using a seeded generator instead")
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        check(generated(count))
        count += 1
    print(f"{count} inputs, none raised")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
