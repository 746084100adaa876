"""``python -m tests.judge [--browser NAME]... [SCENARIO]...`` plays scenarios and prints scores."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from tests.judge.own_word import OwnWord, own_word
from tests.judge.runner import run
from tests.judge.scenario import Scenario
from tests.judge.scenarios import SCENARIOS
from tests.judge.score import Score, scores, total
from tests.judge.variants import VARIANTS, why_not

GROUPS = ("base", "added", "journey")


def main(arguments: Sequence[str]) -> int:
    """Print, for each browser, a line per scenario with its differences, and the totals."""
    parser = argparse.ArgumentParser(prog="python -m tests.judge")
    parser.add_argument("--browser", action="append", choices=list(VARIANTS))
    parser.add_argument("scenario", nargs="*")
    given = parser.parse_args(arguments)
    chosen = [one for one in SCENARIOS if not given.scenario or one.name in given.scenario]
    playable = {
        browser: [one for one in chosen if why_not(browser, one) is None]
        for browser in given.browser or VARIANTS
    }
    started = time.monotonic()
    played = run(playable)
    scored = scores(played)
    seconds = time.monotonic() - started
    for browser, found in scored.items():
        _print_scenarios(browser, chosen, found)
    for browser, found in scored.items():
        _print_totals(browser, playable[browser], found)
        if played.said[browser]:
            _print_own_word("log", own_word(played, browser, playable[browser]))
            _print_own_word("protocol", own_word(played, browser, playable[browser], protocol=True))
    print(f"\n{seconds:.0f} s")
    return 1 if any(one.differences for found in scored.values() for one in found.values()) else 0


def _print_scenarios(browser: str, chosen: Sequence[Scenario], found: Mapping[str, Score]) -> None:
    print(f"\n{browser:<34}{'certain':>9}{'uncert.':>9}{'lines':>9}{'withheld':>9}{'jars':>7}")
    for one in sorted(chosen, key=lambda one: one.name):
        reason = why_not(browser, one)
        if reason is not None:
            print(f"{one.name:<34}  not played: {reason}")
            continue
        score = found[one.name]
        print(
            f"{one.name:<34}{score.certain!s:>9}{score.uncertain!s:>9}{score.lines!s:>9}"
            f"{score.withheld!s:>9}{score.jars!s:>7}"
        )
        for kind, differences in (("DIFFERS", score.differences), ("in doubt", score.doubts)):
            for difference in differences:
                print(f"    {kind} {difference}")


def _print_own_word(source: str, found: OwnWord) -> None:
    """Print how well what a browser itself says was understood."""
    print(
        f"own word ({source}): {found.matched} of {found.requests} requests matched, "
        f"{len(found.wrongly)} wrongly; {found.confirmed} verdicts confirmed, "
        f"{found.settled} guesses settled, {found.predicted} not spoken of, "
        f"{len(found.disputes)} disputed"
    )
    for where, statement in found.disputes:
        print(f"    DISPUTED {where}: {statement}")


def _print_totals(browser: str, playable: Sequence[Scenario], found: Mapping[str, Score]) -> None:
    sums = {
        group: total(found[one.name] for one in playable if one.group == group) for group in GROUPS
    }
    counts = {group: sum(one.group == group for one in playable) for group in GROUPS}
    rows: dict[str, Callable[[str, Score], object]] = {
        "scenarios": lambda group, _: counts[group],
        "exchanges, certain": lambda _, score: score.certain,
        "exchanges, uncertain": lambda _, score: f"{score.uncertain} {score.share_uncertain:.1%}",
        "Set-Cookie, certain": lambda _, score: score.lines,
        "Set-Cookie, uncertain": lambda _, score: score.uncertain_lines,
        "refused silently": lambda _, score: score.silent,
        "withheld, with reason": lambda _, score: score.withheld,
        "reasons, exact": lambda _, score: score.reasons.exact,
        "reasons, partly right": lambda _, score: score.reasons.partly,
        "reasons, wrong": lambda _, score: score.reasons.wrong,
        "whole jars": lambda _, score: score.jars,
        "differences": lambda _, score: len(score.differences),
    }
    print(f"\n{browser:<24}" + "".join(f"{group:>16}" for group in GROUPS))
    for name, cell in rows.items():
        print(f"{name:<24}" + "".join(f"{cell(group, sums[group])!s:>16}" for group in GROUPS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
