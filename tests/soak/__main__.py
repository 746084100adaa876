"""``python -m tests.soak``: run the soak, print one line per promise, exit 1 if one is broken."""

from __future__ import annotations

import argparse
import os
import platform
import random
import secrets
import sys
import time

from tests.soak.finding import Finding
from tests.soak.options import Options
from tests.soak.parts import PARTS
from tests.soak.running import run_part, stage

SECONDS = 600.0


def main(arguments: list[str] | None = None) -> int:
    """Run the parts one after another, each in its share of the time."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=", ".join(part.name for part in PARTS)
    )
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="for all parts (%(default)s)"
    )
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier soak")
    parser.add_argument("--full", action="store_true", help="all rounds, however long they take")
    parser.add_argument(
        "--first", action="store_true", help="measure speed before other programs, if allowed"
    )
    given = parser.parse_args(arguments)
    unknown = set(given.parts) - {part.name for part in PARTS}
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    parts = [part for part in PARTS if not given.parts or part.name in given.parts]
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    shares = sum(part.share for part in parts)
    begun = time.monotonic()
    _say(
        f"soak: {'all rounds' if given.full else f'{given.seconds:.0f} s'}, SOAK_SEED={seed}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    )
    mark = f"soak-{secrets.token_hex(8)}"
    failed = 0
    with stage(mark) as (folder, environment):
        for part in parts:
            seconds = part.full_seconds if given.full else given.seconds * part.share / shares
            _say(f"\n{part.title} ({part.name}; load average {os.getloadavg()[0]:.1f})")
            options = Options(
                seconds=seconds,
                seed=seed,
                full=given.full,
                first=given.first,
                folder=folder / part.name,
                mark=mark,
            )
            failed += not run_part(part, options, environment, _found)
    _say(
        f"\nsoak: {f'{failed} of {len(parts)} parts FAILED' if failed else 'every promise is kept'}"
        f" after {time.monotonic() - begun:.0f} s; SOAK_SEED={seed} repeats its choices"
    )
    return 1 if failed else 0


def _found(finding: Finding) -> None:
    _say(finding.line())


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
