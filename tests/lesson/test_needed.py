"""What shows that an app needed a cookie: in one request, in words, and in later requests."""

from __future__ import annotations

import pytest

from cookietrace.lesson.needed import NeedKind, failure_of, is_sign_in, is_sign_out, need_of
from cookietrace.lesson.session_names import is_preference_like, is_session_like, is_state_like
from tests.lesson.visits import SCRIPT, Visit, story_of

BASIC = (("WWW-Authenticate", 'Basic realm="x"'),)


@pytest.mark.parametrize(
    ("path", "signs_in"),
    [
        ("/login", True),
        ("/users/sign_in", True),
        ("/Account/Login/", True),
        ("/wp-login.php", True),
        ("/session/new", True),
        ("/auth", True),
        ("/auth/callback", False),
        ("/blog/in", False),
        ("/loginhelp", False),
        ("/", False),
    ],
)
def test_sign_in_pages_are_known_by_their_path(path: str, signs_in: bool) -> None:
    """The last part of a path tells a sign-in page."""
    assert is_sign_in(path) is signs_in


@pytest.mark.parametrize(
    ("visit", "signs_out"),
    [
        (Visit("/logout", method="POST"), True),
        (Visit("/users/sign-out"), True),
        (Visit("/session", method="DELETE"), True),
        (Visit("/session", method="POST"), False),
        (Visit("/blogout"), False),
    ],
)
def test_sign_outs_are_known_by_path_and_method(visit: Visit, signs_out: bool) -> None:
    """A path of that name signs out, and so does deleting the session."""
    assert is_sign_out(story_of(visit).trace().exchanges[0]) is signs_out


@pytest.mark.parametrize(
    ("visit", "status"),
    [
        (Visit("/account"), None),
        (Visit("/account", status=401), 401),
        (Visit("/account", status=401, answer=BASIC), None),
        (Visit("/account", status=404), None),
        (Visit("/account", status=419), 419),
        (Visit("/account", status=302, location="/login?next=/account"), 302),
        (Visit("/account", status=302, location="https://id.test/login"), 302),
        (Visit("/account", status=302, location="/home"), None),
        (Visit("/login", status=302, location="/login?error=1", method="POST"), None),
        (Visit("/logout", status=302, location="/login"), None),
        (Visit("/account", status=302, location="http://["), None),
        (Visit("/account", status=500), None),
        (Visit("/account", status=500, error="KeyError"), 500),
    ],
)
def test_a_failure_is_one_of_those_that_a_lost_sign_in_has(
    visit: Visit, status: int | None
) -> None:
    """A request is turned away by status, to a sign-in page, or by an error in the view."""
    failure = failure_of(story_of(visit).trace().exchanges[0])
    assert (None if failure is None else failure.status) == status


@pytest.mark.parametrize(
    ("visit", "name", "kind", "sentence"),
    [
        (Visit(status=401), "sid", NeedKind.STATUS, "The response was 401."),
        (Visit(status=401), "anything", NeedKind.STATUS, "The response was 401."),
        (Visit(status=401), "lang", None, ""),
        (Visit(cookie="sid=1", status=401), "sid", None, ""),
        (Visit(cookie="sid=1", status=401), "anything", None, ""),
        (Visit(cookie="sid=1", status=403), "csrf_token", NeedKind.STATUS, "The response was 403."),
        (Visit(status=400), "state", NeedKind.STATUS, "The response was 400."),
        (Visit(status=400), "anything", None, ""),
        (Visit(status=401, method="OPTIONS"), "sid", None, ""),
        (Visit("/favicon.ico", status=401), "sid", None, ""),
        (
            Visit("/a", status=302, location="/login"),
            "sid",
            NeedKind.SIGN_IN,
            "The response was 302, a redirect to /login.",
        ),
        (
            Visit(reads=(("cart", None),)),
            "cart",
            NeedKind.READ,
            "The view read 'cart' and got None.",
        ),
        (
            Visit(reads=(("cart", None),), status=400),
            "cart",
            NeedKind.READ,
            "The view read 'cart' and got None, and the response was 400.",
        ),
        (Visit(reads=(("cart", None),), status=401), "sid", None, ""),
        (
            Visit(session=(("session", None),), status=500, error="KeyError"),
            "session",
            NeedKind.STATUS,
            "The response was 500 ('KeyError').",
        ),
        (Visit(session=(("session", None),)), "session", None, ""),
        (
            Visit(sets=("sid=2",)),
            "sid",
            NeedKind.NEW_SESSION,
            "The response started a new 'sid'.",
        ),
        (Visit(sets=("cart=2",)), "cart", None, ""),
        (Visit("/login", sets=("sid=2",)), "sid", None, ""),
        (Visit("/callback?code=1", sets=("sid=2",)), "sid", None, ""),
        (Visit(sets=("sid=2",), method="POST", headers=SCRIPT), "sid", None, ""),
    ],
)
def test_what_a_request_shows_of_a_cookie_that_it_lacked(
    visit: Visit, name: str, kind: NeedKind | None, sentence: str
) -> None:
    """The evidence is the view's own read, or else a failure that fits the cookie's name."""
    need = need_of(story_of(visit).trace().exchanges[0], name)
    assert (None if need is None else need.kind) == kind
    assert (need.sentence if need is not None else "") == sentence


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("sid", "s"),
        ("connect.sid", "s"),
        ("JSESSIONID", "s"),
        (".AspNetCore.Cookies", "s"),
        ("wordpress_logged_in_1", "s"),
        ("remember_user_token", "s"),
        ("csrftoken", "t"),
        ("oauth_state", "t"),
        (".AspNetCore.Correlation.1", "t"),
        ("theme", "p"),
        ("_ga", "p"),
        ("cookie_consent", "p"),
        ("cart", ""),
        ("residence", ""),
    ],
)
def test_names_suggest_what_a_cookie_is_for(name: str, kinds: str) -> None:
    """A session, a token or state, a preference, or nothing in particular."""
    found = zip("stp", (is_session_like, is_state_like, is_preference_like), strict=True)
    assert "".join(letter for letter, suggests in found if suggests(name)) == kinds
