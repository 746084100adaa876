"""A rule about cookies that a request had, and that the app did not get when it read them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cookietrace.lesson.moments.grades import Grade, Rank, Severity, weigh
from cookietrace.lesson.moments.scene import MomentText, RuleMatch, Scene
from cookietrace.lesson.needed import failure_clause, failure_of
from cookietrace.lesson.prose import named
from cookietrace.lesson.unread import Unread, unread


def not_read(scene: Scene) -> Iterator[RuleMatch]:
    """The Cookie header has a cookie, and the app read None."""
    for missed in unread(scene.exchange):
        if not scene.table.focus.covers(missed.name):
            continue

        def write(missed: Unread = missed) -> MomentText:
            failure = failure_of(scene.exchange)
            then = f" In {scene.at()}, {failure_clause(failure)}." if failure is not None else ""
            return MomentText(
                f"Why does the app not get {named(missed.name)} in {scene.at()}, although it was "
                "sent?",
                f"{missed.sentence}{then}",
                scene.steps(scene.number),
                missed.fix,
            )

        yield RuleMatch(
            (scene.part.target.host, missed.name, missed.brief),
            write,
            partial(_unread, scene, missed),
        )


def _unread(scene: Scene, missed: Unread) -> Grade:
    return Grade(
        severity=Severity.PROBLEM,
        code="not-read",
        cookies=(missed.name,),
        brief=f"not read: {missed.brief}",
        weight=weigh(
            Rank.UNREAD, missed.name, top_level=scene.part.context.top_level, witnessed=True
        ),
    )
