"""The RULES table: every question that a trace can raise, in the order in which a lesson asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cookietrace.lesson.moments import attributes, coming_and_going, kept_out, surprises
from cookietrace.lesson.moments.scene import Scene, Spot
from cookietrace.lesson.row_marks import Mark

Rule = Callable[[Scene], Iterator[Spot]]
"""Looks at one exchange, and yields what it spots there. Pure, and cheap where it spots nothing."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "none-at-first": coming_and_going.none_at_first,
        "came-back": coming_and_going.came_back,
        "set-every-time": coming_and_going.set_every_time,
        "refused": kept_out.refused,
        "withheld": kept_out.withheld,
        "wrong-host": kept_out.wrong_host,
        "grace": kept_out.grace,
        "missing": surprises.missing,
        "never-set": surprises.never_set,
        "changed-unseen": surprises.changed_unseen,
        "twice": surprises.twice,
        "shadowing": surprises.shadowing,
        "rotated": coming_and_going.rotated,
        "persistence": attributes.persistence,
        "guard-lost": attributes.guard_lost,
        "deleted": coming_and_going.deleted,
        "deleted-nothing": coming_and_going.deleted_nothing,
        "expired": coming_and_going.expired,
        "unused-after-redirect": coming_and_going.unused_after_redirect,
        "open-to-scripts": attributes.open_to_scripts,
        "open-to-the-wire": attributes.open_to_the_wire,
        "needless-none": attributes.needless_none,
        "third-party": attributes.third_party,
        "capped": attributes.capped,
        "idle-expiry": attributes.idle_expiry,
        "near-limit": attributes.near_limit,
        "header-large": attributes.header_large,
        "pushed-out": attributes.pushed_out,
        "two-jars": surprises.two_jars,
        "of-another-client": surprises.of_another_client,
    }
)
"""Names and rules. A rule to add: one function in its family's file, one line here, two tests."""

NATURE: Mapping[str, Mark] = MappingProxyType(
    {
        "came-back": Mark.SENT,
        "set-every-time": Mark.CHANGED,
        "refused": Mark.REFUSED,
        "withheld": Mark.WITHHELD,
        "wrong-host": Mark.WITHHELD,
        "grace": Mark.SENT,
        "missing": Mark.MISSING,
        "never-set": Mark.UNEXPLAINED,
        "changed-unseen": Mark.UNEXPLAINED,
        "twice": Mark.SENT,
        "shadowing": Mark.CHANGED,
        "rotated": Mark.CHANGED,
        "persistence": Mark.CHANGED,
        "guard-lost": Mark.CHANGED,
        "deleted": Mark.CHANGED,
        "expired": Mark.CHANGED,
        "header-large": Mark.SENT,
        "pushed-out": Mark.CHANGED,
        "two-jars": Mark.UNEXPLAINED,
        "of-another-client": Mark.UNEXPLAINED,
    }
)
"""What a rule is about, in the meanings that every screen knows; a rule not here is of none."""
