"""Cookies whose SameSite an old client takes for Strict."""

from __future__ import annotations

from cookietrace.lesson.moments.board import key_moments
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import paragraphs
from tests.lesson.visits import Visit, story_of

IOS_12 = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/12.0 Mobile/15E148 Safari/604.1"
)
FORM = (("Origin", "https://idp.example"), ("Upgrade-Insecure-Requests", "1"))


def test_the_fix_is_to_leave_same_site_none_out() -> None:
    """A cookie with SameSite=None is not told to use Lax, which would not help."""
    trace = story_of(
        Visit(
            sets=("oidc=st1; Path=/; Secure; SameSite=None",),
            status=302,
            location="https://idp.example/auth",
            headers=(("Upgrade-Insecure-Requests", "1"),),
            user_agent=IOS_12,
        ),
        Visit("/callback", method="POST", headers=FORM),
    ).trace()
    opening, *story = paragraphs(trace)
    assert "covers 2 requests" in opening
    assert "cookies is a guess: it is an old version of its browser" in story[0]
    assert "treats it as Strict. Fix: Leave SameSite=None out for such browsers" in story[1]
    told = [moment for moment in key_moments(Table(trace)) if "'oidc'" in moment.question]
    assert len(told) == 2
    assert all(moment.advice.startswith("Leave SameSite=None out") for moment in told)
