"""What a part of the soak found about one promise, as an object and as a line of text."""

from __future__ import annotations

import textwrap

import msgspec

_WIDTH = 100


class Finding(msgspec.Struct, frozen=True):
    """One promise, the figure that was measured, and whether it holds."""

    promised: str
    figure: str
    kept: bool = True

    def line(self) -> str:
        """Return it as text: the promise, then whether it is kept, with the figure."""
        state = "ok" if self.kept else "FAILED"
        return textwrap.fill(
            f"{self.promised}: {self.figure}",
            _WIDTH,
            initial_indent=f"  {state:<7}",
            subsequent_indent=" " * 11,
            break_on_hyphens=False,
        )


def equal(promised: str, **counts: int) -> Finding:
    """Return a finding that holds if all counts are the same, and not zero."""
    figure = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
    values = set(counts.values())
    return Finding(promised, figure, len(values) == 1 and 0 not in values)


def none_of(promised: str, wrong: list[str], total: int, noun: str) -> Finding:
    """Return a finding that holds if nothing of a total that was looked at is wrong."""
    first = f", first {', '.join(wrong[:3])}" if wrong else ""
    return Finding(promised, f"{len(wrong)} of {total:,} {noun}{first}", not wrong and total > 0)
