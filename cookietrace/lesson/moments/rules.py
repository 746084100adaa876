"""The RULES table: every question that a trace can raise, in the order in which a lesson asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cookietrace.lesson.moments import (
    attributes,
    lifecycle,
    refused_and_withheld,
    unexpected_cookies,
)
from cookietrace.lesson.moments.scene import RuleMatch, Scene
from cookietrace.lesson.row_marks import Mark

Rule = Callable[[Scene], Iterator[RuleMatch]]
"""Looks at one exchange, and yields what it spots there. Pure, and cheap where it spots nothing."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "none-at-first": lifecycle.none_at_first,
        "came-back": lifecycle.came_back,
        "set-every-time": lifecycle.set_every_time,
        "refused": refused_and_withheld.refused,
        "withheld": refused_and_withheld.withheld,
        "wrong-host": refused_and_withheld.wrong_host,
        "grace": refused_and_withheld.grace,
        "missing": unexpected_cookies.missing,
        "never-set": unexpected_cookies.never_set,
        "changed-unseen": unexpected_cookies.changed_unseen,
        "twice": unexpected_cookies.twice,
        "shadowing": unexpected_cookies.shadowing,
        "rotated": lifecycle.rotated,
        "persistence": attributes.persistence,
        "guard-lost": attributes.guard_lost,
        "deleted": lifecycle.deleted,
        "deleted-nothing": lifecycle.deleted_nothing,
        "expired": lifecycle.expired,
        "unused-after-redirect": lifecycle.unused_after_redirect,
        "open-to-scripts": attributes.open_to_scripts,
        "open-to-the-wire": attributes.open_to_the_wire,
        "needless-none": attributes.needless_none,
        "third-party": attributes.third_party,
        "capped": attributes.capped,
        "idle-expiry": attributes.idle_expiry,
        "near-limit": attributes.near_limit,
        "header-large": attributes.header_large,
        "pushed-out": attributes.pushed_out,
        "two-jars": unexpected_cookies.two_jars,
        "of-another-client": unexpected_cookies.of_another_client,
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
