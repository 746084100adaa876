"""``python -m tests.judge [NAME]...`` plays the scenarios and prints the score."""

from __future__ import annotations

import sys
import time

from tests.judge.runner import run
from tests.judge.scenarios import SCENARIOS
from tests.judge.score import Score, scores


def main(names: list[str]) -> int:
    """Print one line per scenario, all differences, and the totals."""
    chosen = [one for one in SCENARIOS if not names or one.name in names]
    started = time.monotonic()
    total = Score()
    print(f"{'scenario':<34}{'certain':>9}{'uncert.':>9}{'lines':>9}{'withheld':>9}{'jars':>7}")
    for name, score in sorted(scores(run(chosen)).items()):
        total.add(score)
        print(
            f"{name:<34}{score.certain!s:>9}{score.uncertain!s:>9}{score.lines!s:>9}"
            f"{score.withheld!s:>9}{score.jars!s:>7}"
        )
        for kind, found in (("DIFFERS", score.differences), ("in doubt", score.doubts)):
            for difference in found:
                print(f"    {kind} {difference}")
    print(f"\n{len(chosen)} scenarios in {time.monotonic() - started:.0f} s, {total.silent} silent")
    print(f"exchanges, certain     {total.certain}")
    print(f"exchanges, uncertain   {total.uncertain} ({total.share_uncertain:.1%} of all)")
    print(f"Set-Cookie, certain    {total.lines}")
    print(f"Set-Cookie, uncertain  {total.uncertain_lines}")
    print(f"withheld, with reason  {total.withheld}")
    print(f"whole jars             {total.jars}")
    print(f"differences            {len(total.differences)}")
    return 1 if total.differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
