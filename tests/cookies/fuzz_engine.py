"""``python -m tests.cookies.fuzz_engine [SECONDS]``: any octets at all, and a verdict.

One property: parsing, storing and selecting never raise, and a line that was accepted gives a
cookie whose texts are pieces of that line. With atheris the search is guided by coverage;
without it the same octets come from a seeded generator, and the first line says so.
"""

from __future__ import annotations

import random
import sys
import time
from importlib import import_module
from importlib.util import find_spec

from cookietrace.cookies import (
    PROFILES,
    parse_cookie_date,
    parse_cookie_header,
    parse_target,
)
from tests.cookies.circumstances import CONTEXTS, NOW, empty_jar

PIECES = (
    b"=", b";", b"; ", b" ", b"\t", b"\x00", b"\x7f", b"\xff", b".", b"/", b"+0", b"-1", b"1601",
    b"Path=", b"Domain=", b"Max-Age=", b"Expires=", b"SameSite=", b"Secure", b"HttpOnly",
    b"Partitioned", b"Priority=", b"__Host-", b"__Secure-", b"__Http-", b"shop.test", b"None",
    b"Lax", b"Wed, 09 Jun 2027 10:18:14",
)  # fmt: skip
"""What a generator without coverage to guide it needs to get anywhere."""


def check(octets: bytes) -> None:
    """Feed octets to everything that reads the wire; raise where the property fails."""
    text = octets.decode("latin-1")
    url, _, line = text.partition("\n")
    parse_cookie_date(line)
    parse_cookie_header(line)
    for target in (parse_target(url), parse_target("https://www.shop.test/a")):
        for name in PROFILES:
            jar = empty_jar(name)
            for context in CONTEXTS.values():
                result = jar.store(line, target, context, NOW)
                told = [finding.sentence for finding in (*result.reasons, *result.warnings)]
                assert all(told)
                assert result.name in line
                assert result.value in line
                jar.select(target, context, NOW)


def generated(seed: int) -> bytes:
    """Return octets made of noise and of words that mean something here."""
    chance = random.Random(seed)
    return b"".join(
        chance.choice(PIECES) if chance.random() < 0.7 else chance.randbytes(chance.randrange(4))
        for _ in range(chance.randrange(60))
    )


def main(arguments: list[str]) -> int:
    """Run for so many seconds (30 unless told)."""
    seconds = float(arguments[0]) if arguments else 30.0
    if find_spec("atheris") is not None:
        atheris = import_module("atheris")
        atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], check)
        atheris.Fuzz()
    print("atheris is not installed: octets from a seeded generator instead")
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        check(generated(count))
        count += 1
    print(f"{count} inputs, none of them raised")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
