"""How much each kind of moment matters: stories with a problem or warning, and those without."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from tests.lesson.visits import CLICK, SCRIPT, SHOP, WITHIN, Visit, story_of
from tests.story import CHROMIUM, TYPED

POST = (*CLICK, ("Origin", "https://idp.test"))
PLAIN = (("Upgrade-Insecure-Requests", "1"),)
"""The headers of a navigation over plain http."""
BIG = "x" * 4200
MINE = "; HttpOnly; Secure"
SISTER = (
    ("Sec-Fetch-Site", "same-site"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Origin", "https://www.shop.test"),
)
"""The headers of a script's request from another host of the site."""

STRANGER = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Storage-Access", "active"),
    ("Origin", SHOP),
)
"""The headers of a script's request to another site, with credentials."""
LOCAL = (*STRANGER[:-1], ("Origin", "http://localhost:3000"))

BLOCKED = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "iframe"),
    ("Sec-Fetch-Storage-Access", "none"),
)
"""The headers of a frame in another site's page, of a browser that blocks third parties."""

Told = tuple[str, str, tuple[str, ...], int, str]
"""Severity, code, cookies, row and reason in a few words."""


class Case(NamedTuple):
    """Visits, and the problems and warnings among them; the worst first."""

    about: str
    visits: tuple[Visit, ...]
    told: tuple[Told, ...] = ()
    words: tuple[str, ...] = ()
    """Words of the first one's answer."""
    browser: str = "auto"
    """The profile that is asked for."""


CURL = "curl/8.5.0"
REFUSED = "sid=1; SameSite=None; HttpOnly"
"""A line that browsers refuse: without Secure."""
NONE_INSECURE = ("same-site-none-insecure", ("sid",), 2, "SameSite=None without Secure")


def kept(sets: str = REFUSED, cookie: str = "sid=1", **more: Any) -> tuple[Visit, Visit]:
    """The visits of a client that keeps what it should refuse, and sends it."""
    agent = more.pop("user_agent", CURL)
    base, answer = more.pop("base", SHOP), more.pop("answer", ())
    return (
        Visit(base + "/", sets=(sets,), headers=(), user_agent=agent, answer=answer),
        Visit(base + "/a", cookie, headers=(), **more),
    )


def lost(*sets: str) -> Visit:
    """A page that sets cookies."""
    return Visit("/start", sets=sets)


CASES = [
    Case(
        "a Lax session stays behind at a cross-site POST that fails",
        (
            lost(f"sid=1; SameSite=Lax{MINE}"),
            Visit("/callback", headers=POST, method="POST", status=403),
        ),
        (("problem", "same-site-lax", ("sid",), 3, "SameSite=Lax, cross-site POST"),),
    ),
    Case(
        "a Strict session stays behind at a link, and the user has to sign in",
        (
            lost(f"sid=1; SameSite=Strict{MINE}"),
            Visit("/account", headers=CLICK, status=302, location="/login?next=/account"),
        ),
        (("problem", "same-site-strict", ("sid",), 3, "SameSite=Strict, caused by another site"),),
    ),
    Case(
        "the view itself misses a cookie",
        (
            lost(f"flow=1; SameSite=Lax{MINE}"),
            Visit("/callback", headers=POST, method="POST", reads=(("flow", None),)),
        ),
        (("problem", "same-site-lax", ("flow",), 3, "SameSite=Lax, cross-site POST"),),
    ),
    Case(
        "a lost state is a bad request",
        (
            lost(f"oauth_state=1; SameSite=Lax{MINE}"),
            Visit("/callback", headers=POST, method="POST", status=400),
        ),
        (("problem", "same-site-lax", ("oauth_state",), 3, "SameSite=Lax, cross-site POST"),),
    ),
    Case(
        "a bad request can be for anything",
        (
            lost(f"basket=1; SameSite=Lax{MINE}"),
            Visit("/callback", headers=POST, method="POST", status=400),
        ),
        (),
    ),
    Case(
        "of several cookies, the session is what was needed",
        (
            lost(
                f"sid=1; SameSite=Lax{MINE}",
                f"csrf_token=1; SameSite=Lax{MINE}",
                "x=1; SameSite=Lax",
            ),
            Visit("/callback", headers=POST, method="POST", status=403),
        ),
        (("problem", "same-site-lax", ("sid",), 3, "SameSite=Lax, cross-site POST"),),
    ),
    Case(
        "the view can do without a preference",
        (
            lost(f"theme=1; SameSite=Lax{MINE}"),
            Visit("/callback", headers=POST, method="POST", reads=(("theme", None),)),
        ),
        (("warning", "same-site-lax", ("theme",), 3, "SameSite=Lax, cross-site POST"),),
    ),
    Case(
        "the view misses a preference and what it needs",
        (
            lost(f"theme=1; SameSite=Lax{MINE}", f"flow=1; SameSite=Lax{MINE}"),
            Visit(
                "/callback",
                headers=POST,
                method="POST",
                reads=(("theme", None), ("flow", None)),
                status=400,
            ),
        ),
        (("problem", "same-site-lax", ("flow",), 3, "SameSite=Lax, cross-site POST"),),
        ("The app needed it: the view read 'flow' and got None, and the response was 400.",),
    ),
    Case(
        "a withheld cookie that nobody missed",
        (lost(f"sid=1; SameSite=Lax{MINE}"), Visit("/callback", headers=POST, method="POST")),
        (),
    ),
    Case(
        "a preference of another path is not why a user has to sign in",
        (lost(f"lang=1; Path=/en{MINE}"), Visit("/account", status=302, location="/login")),
        (),
    ),
    Case(
        "the user is signed in, and forbidden all the same",
        (
            lost(f"sid=1{MINE}; Path=/", f"basket=1{MINE}; Path=/basket"),
            Visit("/admin", "sid=1", status=403),
        ),
        (),
    ),
    Case(
        "a session for another path",
        (lost(f"sid=1{MINE}; Path=/app"), Visit("/account", status=401)),
        (("problem", "path-mismatch", ("sid",), 3, "Path=/app does not cover /account"),),
    ),
    Case(
        "another app of the host has a sign-in of its own",
        (
            Visit(
                "/admin/login",
                sets=(f"admin_session=1{MINE}; Path=/admin",),
                status=302,
                method="POST",
                headers=(*TYPED, ("Referer", f"{SHOP}/admin/login")),
            ),
            Visit("/account", status=302, location="/login"),
        ),
        (),
    ),
    Case(
        "a sign-in page that posts to another address is the app's own",
        (
            Visit(
                "/api/login",
                sets=(f"sid=1{MINE}",),
                method="POST",
                headers=(*TYPED, ("Referer", f"{SHOP}/login")),
            ),
            Visit("/account", status=302, location="/login"),
        ),
        (("problem", "path-mismatch", ("sid",), 3, "Path=/api does not cover /account"),),
    ),
    Case(
        "a cookie that pages elsewhere use, and no page here",
        (
            lost(f"admin_session=1{MINE}; Path=/admin"),
            Visit("/admin/users", "admin_session=1"),
            Visit("/api", headers=(*SCRIPT, ("Referer", f"{SHOP}/"))),
            Visit("/api", headers=(*SCRIPT, ("Referer", f"{SHOP}/")), status=401),
        ),
        (
            (
                "warning",
                "path-mismatch",
                ("admin_session",),
                5,
                "Path=/admin does not cover /api",
            ),
        ),
        ("The app may have needed it: the response was 401.",),
    ),
    Case(
        "a page that has the cookie calls what does not get it",
        (
            lost(f"sid=1{MINE}; Path=/app"),
            Visit("/app/home", "sid=1"),
            Visit("/api", headers=(*SCRIPT, ("Referer", f"{SHOP}/app/home")), status=401),
        ),
        (("problem", "path-mismatch", ("sid",), 4, "Path=/app does not cover /api"),),
    ),
    Case(
        "each part of the host has a session of this name",
        (
            lost(f"JSESSIONID=1{MINE}; Path=/one"),
            Visit("/two/page", status=302, location="/two/login"),
            Visit("/two/login", sets=(f"JSESSIONID=2{MINE}; Path=/two",)),
        ),
        (),
    ),
    Case(
        "the state of a sign-in that was begun, and a page that asks for one",
        (
            lost(f"oauth_state=1{MINE}; Path=/oauth"),
            Visit("/account", status=302, location="/login"),
            Visit("/api", method="POST", headers=SCRIPT, status=401),
        ),
        (),
    ),
    Case(
        "the state of a sign-in does not come back",
        (
            lost(f"oauth_state=1{MINE}; Path=/oauth"),
            Visit("/callback?code=1&state=1", headers=CLICK, status=302, location="/login"),
        ),
        (
            (
                "problem",
                "path-mismatch",
                ("oauth_state",),
                3,
                "Path=/oauth does not cover /callback",
            ),
        ),
    ),
    Case(
        "a form that is not filled in correctly, beside the session of another part",
        (
            lost(f"admin_session=1{MINE}; Path=/admin"),
            Visit("/contact", method="POST", headers=SCRIPT, status=422),
        ),
        (
            (
                "warning",
                "path-mismatch",
                ("admin_session",),
                3,
                "Path=/admin does not cover /contact",
            ),
        ),
    ),
    Case(
        "a preference is not why a user has to sign in, even if the view reads it",
        (
            lost(f"ab=1{MINE}; Path=/shop"),
            Visit("/account", reads=(("ab", None),), status=302, location="/login"),
        ),
        (("warning", "path-mismatch", ("ab",), 3, "Path=/shop does not cover /account"),),
    ),
    Case(
        "a basket of another path need not be what tells who the user is",
        (
            lost(f"basket=1{MINE}; Path=/shop"),
            Visit("/account", status=302, location="/login"),
        ),
        (("warning", "path-mismatch", ("basket",), 3, "Path=/shop does not cover /account"),),
    ),
    Case(
        "a wrong password is not for want of a cookie",
        (
            lost(f"sid=1; SameSite=Strict{MINE}"),
            Visit("/login", headers=POST, method="POST", status=401),
        ),
        (),
    ),
    Case(
        "a page of a host without the cookie calls its sister",
        (
            Visit("https://blog.shop.test/start", sets=(f"wordpress_logged_in_1=1{MINE}",)),
            Visit("https://api.shop.test/me", headers=SISTER, status=401),
        ),
        (),
    ),
    Case(
        "a session that every response renews, by responses that overtake each other",
        (
            lost(f"sid=0{MINE}; Path=/"),
            Visit("/a", "sid=0", (f"sid=1{MINE}; Path=/",)),
            Visit("/b", "sid=1", (f"sid=2{MINE}; Path=/",)),
            Visit("/slow", "sid=2", (f"sid=slow{MINE}; Path=/",), late=2),
            Visit("/fast", "sid=2", (f"sid=fast{MINE}; Path=/",)),
            Visit("/then", "sid=fast"),
            Visit("/last", "sid=slow"),
        ),
        (("warning", "late-response", ("sid",), 11, "late response overwrote it"),),
    ),
    Case(
        "the same, and a page fails afterwards",
        (
            lost(f"sid=0{MINE}; Path=/"),
            Visit("/a", "sid=0", (f"sid=1{MINE}; Path=/",)),
            Visit("/b", "sid=1", (f"sid=2{MINE}; Path=/",)),
            Visit("/slow", "sid=2", (f"sid=slow{MINE}; Path=/",), late=2),
            Visit("/fast", "sid=2", (f"sid=fast{MINE}; Path=/",)),
            Visit("/then", "sid=fast"),
            Visit("/last", "sid=slow", status=401),
        ),
        (("problem", "late-response", ("sid",), 11, "late response overwrote it"),),
    ),
    Case(
        "the sign-out of another part, and of an app that the user signs in to again",
        (
            Visit("/account", status=401),
            lost(f"sid=1{MINE}; Path=/"),
            Visit("/admin/logout", "sid=1", ("admin_session=; Path=/admin; Max-Age=0",)),
            Visit("/account", "sid=1"),
            Visit("/logout", "sid=1"),
            Visit("/callback?code=1", "sid=1", (f"auth_token=2{MINE}; Path=/",), headers=CLICK),
            Visit("/account", "sid=1; auth_token=2"),
        ),
        (),
    ),
    Case(
        "a token of another path that renews the one that expired",
        (
            lost(f"refresh=1{MINE}; Path=/auth/renew", f"access_token=1; Max-Age=5; Path=/{MINE}"),
            Visit("/api", headers=SCRIPT, status=401),
            Visit("/auth/renew", "refresh=1", (f"access_token=2; Path=/{MINE}",), method="POST"),
            Visit("/api", "access_token=2"),
        ),
        (),
    ),
    Case(
        "the same, whatever it is called",
        (
            lost(f"token_r=1{MINE}; Path=/auth/renew"),
            Visit("/api", headers=SCRIPT, status=401),
            Visit("/auth/renew", "token_r=1", (f"access_token=2; Path=/{MINE}",), method="POST"),
            Visit("/api", "access_token=2"),
        ),
        (),
    ),
    Case(
        "a refused session that is missed later",
        (lost(f"sid=1{MINE}; Domain=other.test"), Visit("/account", status=401)),
        (
            (
                "problem",
                "domain-mismatch",
                ("sid",),
                2,
                "Domain=other.test does not cover shop.test",
            ),
        ),
    ),
    Case(
        "a refused session that nobody missed",
        (lost(f"sid=1{MINE}; Domain=other.test"), Visit("/account")),
        (),
    ),
    Case(
        "a cookie over the limit that the view reads later",
        (lost(f"cart={BIG}"), Visit("/cart", reads=(("cart", None),))),
        (("problem", "name-value-too-large", ("cart",), 2, "4,204 bytes, the limit is 4,096"),),
    ),
    Case(
        "a session over the limit starts again and again",
        (
            lost(f"sid={BIG}"),
            Visit("/cart", sets=(f"sid={BIG}2",)),
            Visit("/cart", sets=(f"sid={BIG}3",)),
        ),
        (("problem", "name-value-too-large", ("sid",), 2, "4,203 bytes, the limit is 4,096"),),
    ),
    Case(
        "the next response sets it rightly",
        (
            lost(f"sid=1{MINE}; Domain=other.test"),
            Visit("/x", sets=(f"sid=2{MINE}; Path=/",)),
            Visit("/logout", "sid=2", ("sid=; Max-Age=0; Path=/",)),
            Visit("/account", status=401),
        ),
        (),
    ),
    Case(
        "a sign-in by a fetch without credentials",
        (
            Visit(),
            Visit("/login", headers=SCRIPT, sets=(f"sid=1{MINE}; Path=/",), method="POST"),
            Visit("/account", status=401),
        ),
        (("problem", "without-credentials", ("sid",), 5, "not stored: fetch without credentials"),),
    ),
    Case(
        "a cookie that the client left out, nobody knows why",
        (lost(f"sid=1{MINE}; Path=/"), Visit("/account", status=401)),
        (("warning", "missing", ("sid",), 3, "should have been sent, and was not"),),
    ),
    Case(
        "a sign-out that misses the path",
        (
            Visit("/app/in", sets=(f"sid=1{MINE}; Path=/app",)),
            Visit(
                "/app/out",
                "sid=1",
                ("sid=; Max-Age=0; Path=/",),
                method="POST",
                status=302,
                location="/app/",
            ),
            Visit("/app/", "sid=1"),
        ),
        (("problem", "deleted-nothing", ("sid",), 3, "not deleted: stored with Path=/app"),),
    ),
    Case(
        "a sign-out that tries several paths",
        (
            Visit("/app/in", sets=(f"sid=1{MINE}; Path=/app",)),
            Visit("/app/out", "sid=1", ("sid=; Max-Age=0; Path=/", "sid=; Max-Age=0; Path=/app")),
            Visit("/app/"),
        ),
        (),
    ),
    Case(
        "a cookie that moves from one path to another",
        (
            Visit("/app/in", sets=(f"sid=1{MINE}; Path=/",)),
            Visit("/app/x", "sid=1", ("sid=; Max-Age=0; Path=/app", f"sid=2{MINE}; Path=/")),
            Visit("/app/", "sid=2"),
        ),
        (),
    ),
    Case(
        "another host of the site has a cookie of that name",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}; Path=/",)),
            Visit("https://app.shop.test/out", sets=("sid=; Max-Age=0; Path=/",)),
        ),
        (),
    ),
    Case(
        "a sign-out for another host",
        (
            Visit("/in", sets=(f"sid=1{MINE}; Path=/",)),
            Visit("/out", "sid=1", sets=("sid=; Max-Age=0; Path=/; Domain=www.shop.test",)),
        ),
        (
            (
                "problem",
                "domain-mismatch",
                ("sid",),
                4,
                "not deleted: Domain=www.shop.test does not cover shop.test",
            ),
        ),
    ),
    Case(
        "a late response overwrites a newer session",
        (
            lost(f"sid=1{MINE}; Path=/"),
            Visit("/slow", "sid=1", (f"sid=slow{MINE}; Path=/",), late=2),
            Visit("/fast", "sid=1", (f"sid=fast{MINE}; Path=/",)),
            Visit("/then", "sid=fast"),
        ),
        (("problem", "late-response", ("sid",), 7, "late response overwrote it"),),
    ),
    Case(
        "a late response overwrites one of several sessions that a first visit begins",
        (
            Visit("/one", None, (f"sid=1{MINE}; Path=/",), late=1),
            Visit("/two", None, (f"sid=2{MINE}; Path=/",), late=1),
            Visit("/three", "sid=1", (f"sid=3{MINE}; Path=/",)),
        ),
        (("warning", "late-response", ("sid",), 5, "late response overwrote it"),),
    ),
    Case(
        "a late response of a first visit overwrites the session of a sign-in",
        (
            Visit("/slow", None, (f"sid=anyone{MINE}; Path=/",), late=2),
            Visit("/enter", None, (f"sid=alice{MINE}; Path=/",), method="POST"),
            Visit("/then", "sid=alice"),
        ),
        (("problem", "late-response", ("sid",), 5, "late response overwrote it"),),
    ),
    Case(
        "the view reads the older of two sessions",
        (
            lost(f"sid=old{MINE}; Path=/"),
            Visit("/start", "sid=old", (f"sid=new{MINE}; Path=/; Domain=shop.test",)),
            Visit("/account", "sid=old; sid=new", reads=(("sid", "old"),)),
        ),
        (("problem", "duplicate-name", ("sid",), 5, "2 of this name, the older one was taken"),),
    ),
    Case(
        "the view reads the newer of two sessions",
        (
            lost(f"sid=old{MINE}; Path=/"),
            Visit("/start", "sid=old", (f"sid=new{MINE}; Path=/; Domain=shop.test",)),
            Visit("/account", "sid=new; sid=old", reads=(("sid", "new"),)),
        ),
        (),
    ),
    Case(
        "the older of two sessions comes first, and is not accepted",
        (
            lost(f"sid=old{MINE}; Path=/"),
            Visit("/start", "sid=old", (f"sid=new{MINE}; Path=/; Domain=shop.test",)),
            Visit("/account", "sid=old; sid=new", status=401),
        ),
        (("problem", "duplicate-name", ("sid",), 5, "2 of this name, the older one was taken"),),
    ),
    Case(
        "two sessions, and nothing fails",
        (
            lost(f"sid=old{MINE}; Path=/"),
            Visit("/start", "sid=old", (f"sid=new{MINE}; Path=/; Domain=shop.test",)),
            Visit("/account", "sid=old; sid=new"),
        ),
        (),
    ),
    Case(
        "somebody else's service refuses a request of a page",
        (
            Visit("/", sets=(f"sid=1{MINE}",)),
            Visit("https://api.test/", headers=STRANGER, status=401),
        ),
        (("warning", "other-host", ("sid",), 3, "belongs to shop.test"),),
    ),
    Case(
        "two names of this machine",
        (
            Visit("http://localhost:3000/", sets=("sid=1; HttpOnly",)),
            Visit("http://127.0.0.1:5000/me", headers=LOCAL, status=401),
        ),
        (("problem", "other-host", ("sid",), 3, "belongs to localhost"),),
    ),
    Case(
        "another host of the site looks for the session",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}",)),
            Visit("https://api.shop.test/", reads=(("sid", None),)),
        ),
        (("problem", "other-host", ("sid",), 3, "belongs to www.shop.test"),),
    ),
    Case(
        "a script calls another host of the site, perhaps without credentials",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}",)),
            Visit("https://api.shop.test/", headers=SISTER, status=401),
        ),
        (("warning", "other-host", ("sid",), 3, "belongs to www.shop.test"),),
    ),
    Case(
        "a script calls another host without credentials, as a later request shows",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}; Path=/; Domain=shop.test",)),
            Visit("https://api.shop.test/me", headers=SISTER, status=401),
            Visit("https://www.shop.test/next", "sid=1"),
        ),
        (("problem", "without-credentials", ("sid",), 3, "request without credentials"),),
        ("The client had it: the request in step 4 sends it. The app needed it",),
    ),
    Case(
        "a script that has a token in another header",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}; Path=/; Domain=shop.test",)),
            Visit(
                "https://api.shop.test/me",
                headers=(*SISTER, ("Authorization", "Bearer 1")),
                status=401,
            ),
            Visit("https://www.shop.test/next", "sid=1"),
        ),
    ),
    Case(
        "perhaps without credentials, and no later request shows it",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}; Path=/; Domain=shop.test",)),
            Visit("https://api.shop.test/me", headers=SISTER, status=401),
        ),
        (("warning", "without-credentials", ("sid",), 3, "request without credentials"),),
    ),
    Case(
        "a script calls another host without credentials, from a page that was requested with them",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}; Path=/; Domain=shop.test",)),
            Visit("https://www.shop.test/", "sid=1"),
            Visit("https://api.shop.test/me", headers=SISTER, status=401),
        ),
        (("problem", "without-credentials", ("sid",), 4, "request without credentials"),),
        ("The client had it: the request in step 3 sent it. The app needed it",),
    ),
    Case(
        "the same with a cookie that the page's scripts could have deleted",
        (
            Visit("https://www.shop.test/", sets=("sid=1; Secure; Path=/; Domain=shop.test",)),
            Visit("https://www.shop.test/", "sid=1"),
            Visit("https://api.shop.test/me", headers=SISTER, status=401),
        ),
        (
            ("warning", "without-credentials", ("sid",), 4, "request without credentials"),
            ("warning", "readable-by-scripts", ("sid",), 1, "no HttpOnly"),
        ),
    ),
    Case(
        "the cookie is gone, as the next navigation shows",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}; Path=/; Domain=shop.test",)),
            Visit("https://www.shop.test/", "sid=1"),
            Visit("https://api.shop.test/me", headers=SISTER, status=401),
            Visit("https://www.shop.test/"),
        ),
        (("warning", "without-credentials", ("sid",), 4, "request without credentials"),),
    ),
    Case(
        "a frame of a blocked third party",
        (
            Visit("https://shop.test/", sets=(f"sid=1; Path=/; SameSite=None{MINE}",)),
            Visit("https://news.test/"),
            Visit("https://shop.test/widget", headers=BLOCKED, status=401),
        ),
        (("problem", "client-policy", ("sid",), 4, "third-party cookie, no storage access"),),
    ),
    Case(
        "another host of the site has sessions of its own",
        (
            Visit("https://www.shop.test/", sets=(f"sid=1{MINE}",)),
            Visit("https://admin.shop.test/", status=302, location="/login"),
            Visit("https://admin.shop.test/login", sets=(f"sid=9{MINE}; Path=/",), method="POST"),
        ),
        (),
    ),
    Case(
        "a link starts a new session, and replaces the old one",
        (
            lost(f"sid=1; SameSite=Strict; Path=/{MINE}"),
            Visit("/offer", headers=CLICK, sets=(f"sid=2; SameSite=Strict; Path=/{MINE}",)),
        ),
        (("problem", "same-site-strict", ("sid",), 3, "SameSite=Strict, caused by another site"),),
    ),
    Case(
        "an image of another site, whose browser may block third parties",
        (lost(f"sid=1; SameSite=Lax{MINE}"), Visit("/callback", headers=WITHIN, status=403)),
        (("warning", "same-site-lax", ("sid",), 3, "SameSite=Lax, inside another site's page"),),
    ),
    Case(
        "a session that ends after an hour",
        (
            lost(f"sid=1; Max-Age=3600{MINE}; Path=/"),
            Visit("/account", after=4000, status=302, location="/login"),
        ),
        (),
    ),
    Case(
        "a session that ends after seconds",
        (lost(f"sid=1; Max-Age=5{MINE}; Path=/"), Visit("/account", status=302, location="/login")),
        (("problem", "expired", ("sid",), 3, "expired, 5 seconds after it was set"),),
    ),
    Case(
        "the first visit of a user",
        (
            Visit("/account", status=302, location="/login", sets=("sid=1; HttpOnly; Secure",)),
            Visit("/login", "sid=1"),
        ),
        (),
    ),
    Case(
        "the framework looked for its session",
        (
            lost(f"session=1; SameSite=Strict{MINE}; Path=/"),
            Visit(
                "/account",
                headers=CLICK,
                session=(("session", None),),
                status=302,
                location="/login",
            ),
        ),
        (
            (
                "problem",
                "same-site-strict",
                ("session",),
                3,
                "SameSite=Strict, caused by another site",
            ),
        ),
    ),
    Case(
        "the app never looked for the cookie",
        (
            lost(f"sid=1; SameSite=Strict{MINE}; Path=/"),
            Visit("/account", headers=CLICK, reads=(("other", None),), status=403),
        ),
        (),
    ),
    Case(
        "the view fails on an empty session",
        (
            lost(f"session=1; SameSite=Lax{MINE}; Path=/"),
            Visit(
                "/callback",
                headers=POST,
                method="POST",
                session=(("session", None),),
                status=500,
                error="KeyError",
            ),
        ),
        (("problem", "same-site-lax", ("session",), 3, "SameSite=Lax, cross-site POST"),),
    ),
    Case(
        "two cookies in one line, of which one is missed",
        (lost("a=1; Path=/, sid=2; Path=/"), Visit("/account", "a=1", status=401)),
        (("problem", "lines-joined", ("sid",), 1, "two cookies in one Set-Cookie line"),),
    ),
    Case(
        "a session that had expired when it was set",
        (
            lost("sid=1; Expires=Sun, 15 Jun 2025 14:40:10 GMT; HttpOnly; Secure"),
            Visit("/account", status=401),
        ),
        (("problem", "born-expired", ("sid",), 1, "had expired when it was set"),),
    ),
    Case(
        "a Cookie header that is too large",
        (lost(f"sid=1{MINE}"), Visit("/", f"sid=1; b={BIG}", status=431)),
        (("problem", "header-refused", ("sid", "b"), 3, "Cookie header too large: 4,209 bytes"),),
    ),
    Case(
        "a Secure session over plain http",
        (
            Visit("http://shop.test/", sets=(f"sid=1{MINE}; Path=/",)),
            Visit("http://shop.test/account", status=401, headers=PLAIN),
        ),
        (("problem", "secure-from-insecure", ("sid",), 2, "Secure, set over plain http"),),
    ),
    Case(
        "a browser that seems to block third parties",
        (
            Visit(headers=WITHIN, sets=("a=1; SameSite=None; Secure",)),
            Visit(headers=WITHIN, status=401),
            Visit(headers=WITHIN, status=401),
        ),
        (("warning", "client-policy", ("a",), 4, "not stored: third party"),),
    ),
    Case(
        "a client that keeps everything, and the question is what Chromium would do",
        kept(),
        (("problem", *NONE_INSECURE),),
        ("kept it, and sent it in step 3. Chromium would not", "would not get 'sid'"),
        "chromium",
    ),
    Case(
        "the same for Firefox's own rules: the app was seen to use the cookie",
        kept("__Host-sid=1; Path=/; HttpOnly", "__Host-sid=1", reads=(("__Host-sid", "1"),)),
        (("problem", "prefix-host", ("__Host-sid",), 2, "named __Host-, but it lacks Secure"),),
        ("Firefox would not",),
        "firefox",
    ),
    Case(
        "the app was seen to use another cookie only",
        kept(reads=(("other", None),)),
        (("warning", *NONE_INSECURE),),
        (),
        "chromium",
    ),
    Case(
        "a cookie that seems to be a preference",
        kept("theme=1; SameSite=None", "theme=1"),
        (("warning", "same-site-none-insecure", ("theme",), 2, "SameSite=None without Secure"),),
        (),
        "chromium",
    ),
    Case(
        "a client that keeps everything, and no browser is asked for: what browsers would do",
        kept(),
        (("warning", *NONE_INSECURE),),
        ("kept it, and sent it in step 3: its User-Agent names no browser", "--browser chromium"),
    ),
    Case(
        "a browser that seems to keep what it should refuse shows nothing about the app",
        kept(user_agent=CHROMIUM),
    ),
    Case(
        "what browsers keep on this machine, and the specification refuses",
        kept("sid=1; Secure; HttpOnly", base="http://localhost"),
    ),
    Case(
        "another cookie of the name is no sign that the refused one was kept",
        kept(cookie="sid=2"),
        (),
        (),
        "chromium",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.about for case in CASES])
def test_grades(case: Case) -> None:
    """Each story has these problems and warnings and no others, the worst first."""
    found = problems(Table(story_of(*case.visits).trace(case.browser)))
    assert [
        (one.severity.value, one.grade.code, one.grade.cookies, one.row, one.grade.brief)
        for one in found
    ] == list(case.told)
    for words in case.words:
        assert words in found[0].answer
