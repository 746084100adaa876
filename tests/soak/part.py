"""``python -m tests.soak.part NAME``: run one part, and print each finding as a line of JSON."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from tests.soak.options import Options
from tests.soak.parts import PARTS


def main() -> int:
    """Run the part; its findings go to standard output, whatever else is printed to errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[part.name for part in PARTS])
    parser.add_argument("options", help="as JSON")
    given = parser.parse_args()
    options = msgspec.json.decode(given.options, type=Options, dec_hook=_path)
    part = next(part for part in PARTS if part.name == given.name)
    with os.fdopen(os.dup(1), "wb") as findings:
        os.dup2(2, 1)
        for finding in part.load()(options):
            findings.write(msgspec.json.encode(finding) + b"\n")
            findings.flush()
    return 0


def _path(_: type, text: str) -> Path:
    return Path(text)


if __name__ == "__main__":
    sys.exit(main())
