"""The RULES table: every question that a trace can raise, in the order of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cookietrace.lesson.moments import (
    attributes,
    by_accident,
    hygiene,
    lifecycle,
    lines,
    not_read,
    order,
    refused_and_withheld,
    servers,
    third_parties,
    unexpected_cookies,
)
from cookietrace.lesson.moments.scene import RuleMatch, Scene
from cookietrace.lesson.row_marks import Mark

Rule = Callable[[Scene], Iterator[RuleMatch]]
"""Yields the rule's matches in one exchange. Pure, and cheap if there are none."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "none-at-first": lifecycle.none_at_first,
        "sent-back": lifecycle.sent_back,
        "set-every-time": lifecycle.set_every_time,
        "lines-joined": lines.lines_joined,
        "line-miswritten": lines.line_miswritten,
        "born-expired": lines.born_expired,
        "refused": refused_and_withheld.refused,
        "not-as-assumed": refused_and_withheld.not_as_assumed,
        "withheld": refused_and_withheld.withheld,
        "wrong-host": refused_and_withheld.wrong_host,
        "other-host": refused_and_withheld.other_host,
        "lax-post-exception": by_accident.lax_post_exception,
        "only-on-loopback": by_accident.only_on_loopback,
        "only-in-this-browser": by_accident.only_in_this_browser,
        "missing": unexpected_cookies.missing,
        "not-read": not_read.not_read,
        "late-response": order.late_response,
        "overlapping": order.overlapping,
        "never-set": unexpected_cookies.never_set,
        "changed-outside": unexpected_cookies.changed_outside,
        "duplicate-name": unexpected_cookies.duplicate_name,
        "shadows-other-cookie": unexpected_cookies.shadows_other_cookie,
        "rotated": lifecycle.rotated,
        "persistence": attributes.persistence,
        "protection-lost": attributes.protection_lost,
        "deleted": lifecycle.deleted,
        "deleted-nothing": lifecycle.deleted_nothing,
        "expired": lifecycle.expired,
        "unused-after-redirect": lifecycle.unused_after_redirect,
        "readable-by-scripts": attributes.readable_by_scripts,
        "sent-unencrypted": attributes.sent_unencrypted,
        "needless-same-site-none": attributes.needless_same_site_none,
        "session-not-renewed": hygiene.session_not_renewed,
        "session-after-sign-out": hygiene.session_after_sign_out,
        "domain-too-wide": hygiene.domain_too_wide,
        "third-party": attributes.third_party,
        "lifetime-capped": attributes.lifetime_capped,
        "ignored-expiry": attributes.ignored_expiry,
        "near-limit": attributes.near_limit,
        "header-refused": servers.header_refused,
        "header-large": attributes.header_large,
        "cacheable-set-cookie": servers.cacheable_set_cookie,
        "same-value-for-two": servers.same_value_for_two,
        "evicted": attributes.evicted,
        "two-jars": unexpected_cookies.two_jars,
        "blocks-third-parties": third_parties.blocks_third_parties,
        "value-of-another-client": unexpected_cookies.value_of_another_client,
    }
)
"""Names and rules. To add one: a function in its family's file, a line here, and two tests."""

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "none-at-first": "the first visit, or the consequence of what is told where it happened",
        "sent-back": "as it should be",
        "set-every-time": "works, and costs little",
        "only-on-loopback": "nothing is wrong on this machine",
        "only-in-this-browser": "it works in the browser that was used",
        "overlapping": "there is no verdict",
        "never-set": "it was there before, or a script set it",
        "changed-outside": "a script may change it",
        "shadows-other-cookie": "told where the app gets the wrong one: duplicate-name",
        "rotated": "as the server wants it",
        "persistence": "as the server wants it",
        "deleted": "as it should be",
        "unused-after-redirect": "told where the cookie is withheld",
        "needless-same-site-none": "other pages may need it",
        "third-party": "what it is, not what is wrong",
        "lifetime-capped": "400 days are usually enough",
        "ignored-expiry": "the cookie works, with another lifetime",
        "near-limit": "it still fits; told as refused if it does not",
        "blocks-third-parties": "a guess; told where a cookie is withheld for it",
    }
)
"""The rules that are never more than a note, and why. All others grade what they match."""

GRADED: Mapping[str, Rule] = MappingProxyType(
    {name: rule for name, rule in RULES.items() if name not in NOTES}
)
"""The rules that can find a problem or a warning."""

OF_LINES = frozenset(
    {
        "refused",
        "not-as-assumed",
        "late-response",
        "lines-joined",
        "line-miswritten",
        "born-expired",
        "protection-lost",
        "readable-by-scripts",
        "sent-unencrypted",
        "domain-too-wide",
        "cacheable-set-cookie",
        "same-value-for-two",
        "evicted",
        "deleted-nothing",
    }
)
"""The rules of ``GRADED`` that only look at the Set-Cookie lines of a response."""

LATER = frozenset(
    {
        "refused",
        "not-as-assumed",
        "lines-joined",
        "born-expired",
        "deleted-nothing",
        "evicted",
        "session-not-renewed",
        "session-after-sign-out",
        "domain-too-wide",
    }
)
"""The rules of ``GRADED`` whose matches later traffic can make worse."""

FOLLOWED = frozenset(
    {
        "withheld",
        "lines-joined",
        "session-not-renewed",
        "session-after-sign-out",
        "domain-too-wide",
    }
)
"""The rules of ``GRADED`` that also look at what later requests carry; others need an event.

An event is a response that sets cookies or fails, or a witness.
"""

RULE_MARKS: Mapping[str, Mark] = MappingProxyType(
    {
        "sent-back": Mark.SENT,
        "set-every-time": Mark.CHANGED,
        "refused": Mark.REFUSED,
        "not-as-assumed": Mark.REFUSED,
        "withheld": Mark.WITHHELD,
        "wrong-host": Mark.WITHHELD,
        "other-host": Mark.WITHHELD,
        "lax-post-exception": Mark.SENT,
        "only-on-loopback": Mark.CHANGED,
        "only-in-this-browser": Mark.SENT,
        "late-response": Mark.CHANGED,
        "not-read": Mark.SENT,
        "lines-joined": Mark.REFUSED,
        "born-expired": Mark.REFUSED,
        "header-refused": Mark.SENT,
        "same-value-for-two": Mark.CHANGED,
        "missing": Mark.MISSING,
        "never-set": Mark.UNEXPLAINED,
        "changed-outside": Mark.UNEXPLAINED,
        "duplicate-name": Mark.SENT,
        "shadows-other-cookie": Mark.CHANGED,
        "rotated": Mark.CHANGED,
        "persistence": Mark.CHANGED,
        "protection-lost": Mark.CHANGED,
        "deleted": Mark.CHANGED,
        "expired": Mark.CHANGED,
        "header-large": Mark.SENT,
        "evicted": Mark.CHANGED,
        "two-jars": Mark.UNEXPLAINED,
        "blocks-third-parties": Mark.WITHHELD,
        "value-of-another-client": Mark.UNEXPLAINED,
    }
)
"""The mark of what a rule is about; rules not listed here have none."""
