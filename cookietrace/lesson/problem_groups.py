"""The problems of many recorders: the same one once, and grouped by recorder, host or cookie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from cookietrace.lesson.display_text import shown, some
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problems import Tally, tally


class By(StrEnum):
    """What problems are grouped by."""

    RECORDER = "recorder"
    HOST = "host"
    COOKIE = "cookie"


class Problem(msgspec.Struct, frozen=True):
    """A problem or warning, however many recorders have it."""

    moment: Moment
    """The worst one: what happened, and where to go."""
    count: int
    """In how many exchanges it occurred, of all recorders."""
    recorders: tuple[str, ...] = ()
    """The recorders that have it, by name (wire text); empty if the trace is that of one."""

    @property
    def who(self) -> str:
        """Which recorders have it, in a few words; display text, empty for a trace of one."""
        if not self.recorders:
            return ""
        names = some([shown(name) for name in self.recorders])
        return names if len(self.recorders) == 1 else f"{len(self.recorders):,} recorders: {names}"


class Group(msgspec.Struct, frozen=True):
    """The problems and warnings of one recorder, host or cookie."""

    name: str
    """Wire text; empty for those that have none."""
    problems: tuple[Problem, ...]
    """The worst first."""

    @property
    def tally(self) -> Tally:
        """How many problems and warnings there are."""
        return tally(problem.moment for problem in self.problems)

    def title(self, by: By) -> str:
        """Return the name; what stands for it if there is none."""
        return shown(self.name) or f"without a {by.value}"


def distinct(found: Iterable[Moment]) -> tuple[Problem, ...]:
    """Return each problem and warning once, the worst first.

    Those of different recorders are the same if they have a code, a host and cookies in common.
    """
    alike: dict[tuple[object, ...], list[Moment]] = {}
    for number, moment in enumerate(found):
        apart = number if moment.recorder is None else None
        grade = moment.grade
        key = apart, moment.severity, grade.code, moment.host, tuple(sorted(grade.cookies))
        alike.setdefault(key, []).append(moment)
    problems = (_problem(moments) for moments in alike.values())
    return tuple(sorted(problems, key=lambda one: _rank(one.moment)))


def grouped(found: Sequence[Moment], by: By) -> tuple[Group, ...]:
    """Return the problems and warnings in groups, the group with the worst one first.

    One that is about several cookies is in the group of each.
    """
    members: dict[str, list[Moment]] = {}
    for moment in found:
        for name in _names(moment, by):
            members.setdefault(name, []).append(moment)
    groups = [Group(name, distinct(moments)) for name, moments in members.items()]
    return tuple(sorted(groups, key=_group_rank))


def _problem(moments: Sequence[Moment]) -> Problem:
    names = dict.fromkeys(moment.recorder for moment in moments if moment.recorder is not None)
    lead = min(moments, key=_rank)
    return Problem(lead, sum(moment.count for moment in moments), tuple(sorted(names)))


def _names(moment: Moment, by: By) -> Iterable[str]:
    if by is By.RECORDER:
        return (moment.recorder or "",)
    if by is By.HOST:
        return (moment.host,)
    return dict.fromkeys(moment.grade.cookies) or ("",)


def _rank(moment: Moment) -> tuple[object, ...]:
    return moment.rank, moment.rule, moment.question


def _group_rank(group: Group) -> tuple[object, ...]:
    order, weight, _ = group.problems[0].moment.rank
    return order, weight, -len(group.problems), group.name
