"""What each lesson has to tell: its key moments, its questions, its story, a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page

from cookietrace.cookies import Code
from cookietrace.lesson.phrases import RULES_IN_SHORT
from demo_app.lessons.refusals import PATH, REFUSALS
from tests.e2e import lesson_plays as plays

GREETING, SIGN_IN, LIFETIMES = "/lessons/greeting", "/lessons/sign-in", "/lessons/lifetimes"
SCOPE, SAME_SITE = "/lessons/scope", "/lessons/same-site"


class Tells(NamedTuple):
    """A key moment: its rule, the path of the request that it leads to, and words of it.

    Where a page asks for several things at once, it is the one of these paths that came first.
    """

    rule: str
    path: str | tuple[str, ...]
    words: tuple[str, ...]


class Asks(NamedTuple):
    """A question: its kind, words of what is asked, and the beginning of the right answer."""

    kind: str
    prompt: str
    right: str


class Lesson(NamedTuple):
    """A lesson; no rule but those of ``tells`` may have anything to say."""

    play: Callable[[Page], None]
    tells: tuple[Tells, ...]
    asks: tuple[Asks, ...]
    story: tuple[str | tuple[str, ...], ...]
    """Pieces of the transcript, in their order; those of a tuple may come in any."""


def _withheld(name: str, page: str | tuple[str, ...], *words: str) -> Tells:
    path = f"{SAME_SITE}/{page}" if isinstance(page, str) else page
    return Tells("withheld", path, (f"Why does '{name}' not go", *words))


_WITHIN = (f"{SAME_SITE}/pixel.png", f"{SAME_SITE}/frame")
"""What the page of ads.test asks for at once."""
_ANOTHER_SITE = "and another site caused this request"
_REACHING_OVER = (
    _withheld("strict", _WITHIN, "SameSite=Strict", _ANOTHER_SITE),
    _withheld("strict", "arrive", "SameSite=Strict", _ANOTHER_SITE),
    _withheld("lax", _WITHIN, "SameSite=Lax, and this is a request made within a page"),
    _withheld("lax", "arrive", "SameSite=Lax, and this is a navigation with an unsafe method"),
    _withheld("plain", _WITHIN, "has no SameSite, which counts as Lax"),
    Tells("grace", f"{SAME_SITE}/arrive", ("'plain' go with another site's POST", "two minutes")),
    Tells("came-back", SAME_SITE, ("'strict'", "set it to '1'")),
    Tells("came-back", SAME_SITE, ("'lax'", "set it to '1'")),
    Tells("none-at-first", SAME_SITE, ("'strict'", "Only the answer in step 2 sets it")),
    Tells("deleted", f"{SAME_SITE}/clear", ("'strict'", "'1' is not sent again")),
)
_SAME_SITE_QUESTIONS = (
    Asks("goes-along", f"shop.test{SAME_SITE}", "'"),
    Asks("stays-behind", f"shop.test{SAME_SITE}", "Because it"),
    Asks("reads", "the view", ""),
)


def _refusals() -> tuple[Tells, ...]:
    """Return that each reason has its moment, at the request that provoked it."""
    return tuple(
        Tells(
            "refused",
            f"{PATH}/{row.code}/pixel.png" if row.cross_site else f"{PATH}/{row.code}",
            ("Why does the client refuse",),
        )
        for row in REFUSALS.values()
    )


LESSONS = (
    Lesson(
        plays.greeting,
        (
            Tells(
                "none-at-first", "/", ("read None for 'user'", "the answer to this very request")
            ),
            Tells("came-back", GREETING, ("'user'", "set it to 'Alice'", "by itself")),
            Tells("set-every-time", "/", ("the view hello sets it every time", "both answers")),
            Tells("rotated", f"{GREETING}/rename", ("set it to 'Bob'", "had held 'Alice'")),
            Tells("deleted", f"{GREETING}/forget", ("Expires=Thu, 01 Jan 1970", "'Bob' is not")),
        ),
        (
            Asks("reads", "the view hello read for the cookie 'user'", "None"),
            Asks("reads", "the view rename read for the cookie 'user'", "'Alice'"),
            Asks("first-sent", "'user'", "Step 5"),
            Asks("stops-setting", "had not set 'user'", "It stays in the jar, and the next visit"),
            Asks("jar-value", "'user'", "'Bob'"),
            Asks("outcome", "shop.test/lessons/greeting/forget", "It deletes the cookie it has"),
        ),
        (
            "asks shop.test for / and brings no cookie. On the server, the view hello asks for "
            "'user' and gets None, then sets 'user' to 'Alice'. The answer: “Hello None”.",
            "stores 'user' with the value 'Alice', for shop.test alone, every path, until the",
            "The answer: “Hello Alice”. The answer sets 'user' once more, with the same value",
            "the view quiet asks for 'user' and gets 'Alice'. The answer: “Hello again Alice”.",
            "“Goodbye Alice, hello Bob”. The client puts 'Bob' in place of 'Alice'",
            "The answer: “Hello again Bob”.",
            "the view forget deletes 'user'. The answer: “Who was that?”. The client deletes",
            "The answer: “Hello again None”.",
        ),
    ),
    Lesson(
        plays.sign_in,
        (
            Tells("none-at-first", SIGN_IN, ("read None for 'login'", "Only the answer in step 3")),
            Tells("came-back", SIGN_IN, ("'login'", "set it to 'Alice.", f"paths under {SIGN_IN}")),
            Tells("came-back", SIGN_IN, ("'nickname'", "set it to 'Alice'")),
            Tells("came-back", SIGN_IN, ("'session'",)),
            Tells("deleted", f"{SIGN_IN}/out", ("delete 'login'", "'Alice.")),
            Tells("deleted", f"{SIGN_IN}/out", ("delete 'nickname'", "'Alice' is not")),
            Tells("deleted", f"{SIGN_IN}/flask-out", ("delete 'session'",)),
        ),
        (
            Asks("reads", "the view page read for the cookie 'login'", "'Alice."),
            Asks("reads", "the view page read for the cookie 'login'", "None"),
            Asks("goes-along", f"shop.test{SIGN_IN}", "'login'"),
            Asks("outcome", f"shop.test{SIGN_IN}/flask-out", "It deletes the cookie it has"),
            Asks("jar-value", "'login'", "None: it holds no such cookie"),
            Asks("expires", "'session'", "When the browser closes"),
        ),
        (
            "the view page asks for 'login' and gets None. The answer: “Signing in and out”.",
            f"sends a POST request to shop.test{SIGN_IN}/in and brings no cookie. On the server, "
            "the view sign_in sets 'login' to 'Alice.",
            f"The answer, 303, sends the client on to {SIGN_IN}. The client stores 'login'",
            "until the browser closes (HttpOnly)",
            "brings 2 cookies: 'login' with 'Alice.",
            "the framework's session sets 'session' to",
            "(HttpOnly, SameSite=Lax)",
            "the framework's session asks for 'session' and gets",
            "the view sign_out deletes 'login' and 'nickname'.",
            "The client deletes 'login', as the answer asks. The client deletes 'nickname'",
            ", then deletes 'session'.",
            "The client deletes 'session', as the answer asks.",
            "and brings no cookie. On the server, the view page asks for 'login' and gets None.",
        ),
    ),
    Lesson(
        plays.lifetimes,
        (
            Tells("none-at-first", LIFETIMES, ("read None for 'brief'",)),
            Tells("none-at-first", LIFETIMES, ("read None for 'visit'",)),
            Tells("came-back", LIFETIMES, ("'brief'", "set it to 'ten-seconds'")),
            Tells("expired", LIFETIMES, ("'brief'", "set to live for 10 seconds", "tells nobody")),
            Tells("rotated", f"{LIFETIMES}/too-long", ("'keep'", "'ten-years'", "'a-year'")),
            Tells("capped", f"{LIFETIMES}/too-long", ("3,650 days", "for 400 days and no longer")),
            Tells("idle-expiry", f"{LIFETIMES}/nonsense", ("'visit'", "'Expires=tomorrow' is not")),
            Tells(
                "idle-expiry",
                f"{LIFETIMES}/both",
                ("'brief'", "For 10 seconds.", "Expires=Tue, 01 Jan 2030", "Max-Age alone counts"),
            ),
            Tells("deleted-nothing", f"{LIFETIMES}/delete-wrong", ("'keep'", f"Path={LIFETIMES}")),
            Tells("deleted", f"{LIFETIMES}/delete-right", ("'keep'", "'ten-years' is not sent")),
        ),
        (
            Asks("stays-behind", "The client holds 'brief'", "Because its time had run out"),
            Asks("expires", "'keep'", "400 days after it was set"),
            Asks("expires", "'keep'", "365 days after it was set"),
            Asks("expires", "'brief'", "10 seconds after it was set"),
            Asks("expires", "'visit'", "When the browser closes"),
            Asks("outcome", "delete-wrong", "It does nothing: there is no such cookie to delete"),
            Asks("outcome", "delete-right", "It deletes the cookie it has"),
        ),
        (
            "stores 'brief' with the value 'ten-seconds'",
            "for 10 seconds.",
            "and gets 'ten-seconds', None and None. The answer: “Lifetimes”.",
            "stores 'visit' with the value 'until-you-close-me'",
            "until the browser closes.",
            "stores 'keep' with the value 'a-year'",
            "for 365 days.",
            "puts 'ten-years' in place of 'a-year'",
            "for 400 days. 'keep' asks for 3,650 days; a browser keeps a cookie 400 days at most.",
            "'Expires=tomorrow' is not a date a browser can read, so it is ignored.",
            "asks to delete 'keep', and misses it. The jar holds 'keep' for shop.test alone and "
            f"path {LIFETIMES}, and this deletes 'keep' for shop.test alone and path /:",
            "The client deletes 'keep', as the answer asks.",
            "By now the time of 'brief' has run out, and the jar lets go of it.",
            "stores 'brief' with the value 'max-age-wins'",
            "for 10 seconds.",
        ),
    ),
    Lesson(
        plays.scope,
        (
            Tells("none-at-first", SCOPE, ("read None for 'shade'",)),
            Tells("none-at-first", SCOPE, ("read None for 'place'",)),
            Tells(
                "shadowing",
                f"{SCOPE}/set-paths",
                ("Why are there 3 'shade'", "'light' for www.shop.test alone and path /lessons,"),
            ),
            Tells("shadowing", f"{SCOPE}/set-domain", ("two 'place'", "its subdomains")),
            Tells("came-back", SCOPE, ("'shade'",)),
            Tells("came-back", SCOPE, ("'place'", "set it to 'this-host-only'")),
            Tells("twice", SCOPE, ("'shade' twice", "the server read 'medium'")),
            Tells("twice", SCOPE, ("'place' twice", "the server read 'this-host-only'")),
            Tells("withheld", SCOPE, ("'shade'", f"paths under {SCOPE}/deep, and {SCOPE} is not")),
            Tells("withheld", SCOPE, ("'shade' belongs to www.shop.test", "the host shop.test")),
            Tells("wrong-host", SCOPE, ("Why does shop.test not know the 'shade'",)),
            Tells("wrong-host", SCOPE, ("Why does api.shop.test not know the 'shade'",)),
            Tells("rotated", f"{SCOPE}/set-deep-link", ("'default-path'", "'this-host-only'")),
            Tells("deleted", f"{SCOPE}/clear", ("'shade'", "It does so 3 times here")),
            Tells("deleted", f"{SCOPE}/clear", ("'place'", "It does so twice here")),
        ),
        (
            Asks("which-of-two", "'shade'", "'medium'"),
            Asks("which-of-two", "'place'", "'"),
            Asks("stays-behind", "'shade'", "Because its Path does not cover the address"),
            Asks("goes-along", "api.shop.test", "'place'"),
            Asks("where-to", "'place'", "http"),
            Asks("how-many", "for all hosts together", ""),
        ),
        (
            "stores 'shade' with the value 'light', for www.shop.test alone, paths under /lessons,",
            "One cookie stays behind: 'shade' is for paths under /lessons/scope/deep, and "
            "/lessons/scope is not.",
            "'shade' stands there 3 times.",
            "gets 'dark' and None.",
            "2 cookies stay behind",
            "gets 'light' and None.",
            "stores 'place' with the value 'this-host-only', for www.shop.test alone",
            "stores 'place' with the value 'all-of-shop', for shop.test and its subdomains",
            "'place' stands there twice.",
            "puts 'default-path' in place of 'this-host-only'",
            "names no Path for 'place', so the folder of its own address counts.",
            "asks shop.test for /lessons/scope and brings the cookie 'place' with the value "
            "'all-of-shop'. 4 cookies stay behind",
            "asks api.shop.test for /lessons/scope and brings the cookie 'place' with",
            "asks ads.test for /lessons/scope on behalf of another site and brings no cookie.",
            "deletes 'shade' 3 times and 'place' twice.",
            "deletes the 'shade' of www.shop.test alone, paths under /lessons/scope/deep",
            "deletes the 'place' of shop.test and its subdomains",
            "asks www.shop.test for /lessons/scope and brings no cookie.",
        ),
    ),
    Lesson(
        plays.same_site_over_http,
        (
            *_REACHING_OVER,
            Tells("refused", f"{SAME_SITE}/set", ("'none' is marked Secure", "http://shop.test")),
            Tells("none-at-first", SAME_SITE, ("'none'", "tries to set it, and the client refuse")),
        ),
        (
            *_SAME_SITE_QUESTIONS,
            Asks("why-refused", "none=1", "Because it is Secure and came over an insecure"),
        ),
        (
            "(SameSite=Strict)",
            "(SameSite=Lax)",
            "The client refuses 'none' with '1': 'none' is marked Secure, but http://shop.test",
            "brings 3 cookies: 'strict' with '1', 'lax' with '1' and 'plain' with '1'.",
            (
                f"asks shop.test for {SAME_SITE}/pixel.png on behalf of another site and brings "
                "no cookie. 3 cookies stay behind: 'strict' is SameSite=Strict, and another site "
                "caused this request. 'lax' is SameSite=Lax, and this is a request made within "
                "a page from another site. 'plain' has no SameSite",
                f"asks shop.test for {SAME_SITE}/frame on behalf of another site and brings "
                "no cookie. 3 cookies stay behind",
                "“This is shop.test, in a frame. Cookies received: nothing”",
            ),
            f"asks shop.test for {SAME_SITE}/arrive on behalf of another site and brings 2 "
            "cookies: 'lax' with '1' and 'plain' with '1'. One cookie stays behind: 'strict'",
            "sends a POST request to shop.test/lessons/same-site/arrive on behalf of another site "
            "and brings the cookie 'plain'",
            "'lax' is SameSite=Lax, and this is a navigation with an unsafe method",
            'The answer: “{"received":[]}”.',
            "The answer asks to delete 'none', but the client holds no such cookie.",
        ),
    ),
    Lesson(
        plays.same_site_over_https,
        (
            *_REACHING_OVER,
            _withheld("none", "data", "as one made without credentials does"),
            Tells("third-party", _WITHIN, ("'none'", "a page of https://ads.test")),
        ),
        (*_SAME_SITE_QUESTIONS, Asks("jar-value", "'none'", "'")),
        (
            "stores 'none' with the value '1'",
            "(Secure, SameSite=None)",
            "brings 4 cookies: 'strict' with '1', 'lax' with '1', 'none' with '1' and 'plain'",
            (
                f"asks shop.test for {SAME_SITE}/pixel.png on behalf of another site and brings "
                "the cookie 'none' with the value '1'. 3 cookies stay behind: 'strict'",
                "“This is shop.test, in a frame. Cookies received: none”",
            ),
            "brings 3 cookies: 'lax' with '1', 'none' with '1' and 'plain' with '1'. One cookie "
            "stays behind: 'strict'",
            "sends a POST request to shop.test/lessons/same-site/arrive on behalf of another site "
            "and brings 2 cookies: 'none' with '1' and 'plain' with '1'.",
            'The answer: “{"received":["none"]}”.',
            "as one made without credentials does.",
            'The answer: “{"received":[]}”.',
            "The client deletes 'none', as the answer asks.",
        ),
    ),
    Lesson(
        plays.refused,
        (
            *_refusals(),
            Tells("came-back", PATH, ("'control'", "set it to 'bell%07rings'")),
            Tells("near-limit", f"{PATH}/name-value-too-large", ("'large'", "4097 octets")),
            Tells(
                "withheld",
                f"{PATH}/would-overwrite-secure",
                ("is Secure, and http://shop.test is not a secure connection",),
            ),
            Tells(
                "withheld",
                f"{PATH}/same-site-from-cross-site/pixel.png",
                ("has no SameSite, which counts as Lax",),
            ),
            Tells("rotated", f"{PATH}/would-overwrite-secure/fixed", ("'changed'", "'safe'")),
        ),
        (
            *(
                Asks("why-refused", "the client refuses Set-Cookie", f"Because {RULES_IN_SHORT[c]}")
                for c in map(Code, REFUSALS)
            ),
            Asks("what-mends", "The client refuses", ""),
        ),
        (
            "refuses 'control' with",
            "another site (http, which is not the same site as https) and brings no cookie.",
            "stores 'control' with the value 'bell%07rings'",
            "refuses 'large' with",
            "refuses the nameless cookie with an empty value",
            "stores the nameless cookie with the value 'value-without-name'",
            "refuses 'umlaut' with '1': 'Domain=shöp.test' holds a character that is not ASCII.",
            "refuses 'greedy' with '1': 'Domain=test' is a public suffix",
            "refuses 'foreign' with '1': 'Domain=ads.test' does not cover the host shop.test.",
            "refuses 'padlock' with '1': 'padlock' is marked Secure, but http://shop.test is not",
            "stores 'locked' with the value 'safe'",
            "refuses 'locked' with 'forged'",
            "puts 'changed' in place of 'safe' as the value of 'locked'",
            "8 cookies stay behind: 'control', 'large'",
            "refuses 'pixel' with '1': 'pixel' is SameSite=Strict, and the request to shop.test",
            "refuses 'anywhere' with '1': 'anywhere' has SameSite=None without Secure.",
            "refuses '__Secure-id' with '1'",
            "refuses '__Host-id' with '1'",
            "a value that begins with __Host-, which a server would take for a cookie with that",
            "refuses '__Http-id' with '1'",
            "refuses '__Host-Http-id' with '1'",
            "refuses 'apart' with '1': 'apart' is Partitioned without Secure.",
            "stores 'apart' with the value '1'",
        ),
    ),
)
