"""What each lesson has to tell: its key moments, its questions, its story, a row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cookietrace.cookies import Code
from cookietrace.lesson.prose import RULES_IN_SHORT
from demo_app.lessons.refusals import PATH, REFUSALS
from tests.e2e import lesson_plays as plays
from tests.judge.browser import Window

GREETING, SIGN_IN, LIFETIMES = "/lessons/greeting", "/lessons/sign-in", "/lessons/lifetimes"
SCOPE, SAME_SITE = "/lessons/scope", "/lessons/same-site"
THIRD_PARTY, CREDENTIALS = "/lessons/third-party", "/lessons/credentials"


class Tells(NamedTuple):
    """A key moment: its rule, the path of the request that it leads to, and words of it.

    Of several paths in a tuple, which a page asks for at once, it is the one that came first;
    of a set it is any.
    """

    rule: str
    path: str | tuple[str, ...] | frozenset[str]
    words: tuple[str, ...]


class Asks(NamedTuple):
    """A question: its kind, words of what is asked, and the beginning of the right answer."""

    kind: str
    prompt: str
    right: str


class Lesson(NamedTuple):
    """A lesson; no rule but those of ``tells`` may have anything to say."""

    play: Callable[[Window], None]
    tells: tuple[Tells, ...]
    asks: tuple[Asks, ...]
    story: tuple[str | tuple[str, ...], ...]
    """Pieces of the transcript, in their order; those of a tuple may come in any."""


def _withheld(name: str, page: str | frozenset[str], *words: str) -> Tells:
    path = f"{SAME_SITE}/{page}" if isinstance(page, str) else page
    return Tells("withheld", path, (f"Why is '{name}' not sent", *words))


_WITHIN = (f"{SAME_SITE}/pixel.png", f"{SAME_SITE}/frame")
"""What the page of ads.test asks for at once."""
_OVER = frozenset((*_WITHIN, f"{SAME_SITE}/data"))
"""All that it asks for; a moment leads to where it matters most, which browsers decide."""
_ANOTHER_SITE = "and another site caused this request"
_REACHING_OVER = (
    _withheld("strict", _OVER, "SameSite=Strict", _ANOTHER_SITE),
    _withheld("strict", "arrive", "SameSite=Strict", _ANOTHER_SITE),
    _withheld("lax", _OVER, "SameSite=Lax, and this request was made inside a page"),
    _withheld(
        "lax",
        "arrive",
        "SameSite=Lax, and another site caused this navigation, which uses an unsafe method",
    ),
    _withheld("plain", frozenset(_WITHIN), "has no SameSite, which counts as Lax"),
    Tells(
        "lax-post-exception",
        f"{SAME_SITE}/arrive",
        ("'plain' has no SameSite", "2 minutes after it was set, Chromium withholds it"),
    ),
    Tells("sent-back", SAME_SITE, ("'strict'", "set it to '1'")),
    Tells("sent-back", SAME_SITE, ("'lax'", "set it to '1'")),
    Tells("none-at-first", SAME_SITE, ("'strict'", "Only the response in step 2 sets it")),
    Tells("deleted", f"{SAME_SITE}/clear", ("'strict'", "'1' is not sent again")),
)
_SAME_SITE_QUESTIONS = (
    Asks("which-sent", f"shop.test{SAME_SITE}", "'"),
    Asks("why-withheld", f"shop.test{SAME_SITE}", "Because it"),
    Asks("server-reads", "the view", ""),
)


_ONE_SITE_ONLY = Tells(
    "withheld", f"{THIRD_PARTY}/visit", ("'widget'", "kept separate for each top-level site")
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
                "none-at-first", "/", ("read None for 'user'", "Only the response to this request")
            ),
            Tells("sent-back", GREETING, ("'user'", "set it to 'Alice'", "by itself")),
            Tells("set-every-time", "/", ("the view hello sets it every time", "both responses")),
            Tells("rotated", f"{GREETING}/rename", ("set it to 'Bob'", "had held 'Alice'")),
            Tells("deleted", f"{GREETING}/forget", ("Expires=Thu, 01 Jan 1970", "'Bob' is not")),
        ),
        (
            Asks("server-reads", "the view hello read for the cookie 'user'", "None"),
            Asks("server-reads", "the view rename read for the cookie 'user'", "'Alice'"),
            Asks("first-sent", "'user'", "Step 5"),
            Asks("stops-setting", "had not set 'user'", "It stays in the jar, and the next visit"),
            Asks("jar-value", "'user'", "'Bob'"),
            Asks("outcome", "shop.test/lessons/greeting/forget", "It deletes the cookie it has"),
        ),
        (
            "requests / from shop.test and sends no cookies. On the server, the view hello reads "
            "'user' and gets None, then sets 'user' to 'Alice'. The response is “Hello None”.",
            "stores 'user' with the value 'Alice', for shop.test only, all paths, until the",
            "The response is “Hello Alice”. The response sets 'user' again with the same value",
            "the view quiet reads 'user' and gets 'Alice'. The response is “Hello again Alice”.",
            "“Goodbye Alice, hello Bob”. The client changes the value of 'user' from 'Alice' to "
            "'Bob'",
            "The response is “Hello again Bob”.",
            "the view forget deletes 'user'. The response is “Who was that?”. The client deletes",
            "The response is “Hello again None”.",
        ),
    ),
    Lesson(
        plays.sign_in,
        (
            Tells(
                "none-at-first", SIGN_IN, ("read None for 'login'", "Only the response in step 3")
            ),
            Tells(
                "sent-back",
                SIGN_IN,
                ("'login'", "set it to 'Alice.", f"paths under {SIGN_IN}", "applies to 'nickname'"),
            ),
            Tells("sent-back", SIGN_IN, ("'session'",)),
            Tells(
                "deleted", f"{SIGN_IN}/out", ("delete 'login'", "'Alice.", "applies to 'nickname'")
            ),
            Tells("deleted", f"{SIGN_IN}/flask-out", ("delete 'session'",)),
        ),
        (
            Asks("server-reads", "the view page read for the cookie 'login'", "'Alice."),
            Asks("server-reads", "the view page read for the cookie 'login'", "None"),
            Asks("which-sent", f"shop.test{SIGN_IN}", "'login'"),
            Asks("outcome", f"shop.test{SIGN_IN}/flask-out", "It deletes the cookie it has"),
            Asks("jar-value", "'login'", "None: it holds no such cookie"),
            Asks("expires", "'session'", "When the browser closes"),
        ),
        (
            "the view page reads 'login' and gets None. The response is “Signing in and out”.",
            f"makes a POST request to shop.test{SIGN_IN}/in and sends no cookies. On the server, "
            "the view sign_in sets 'login' to 'Alice.",
            f"The response, 303, redirects the client to {SIGN_IN}. The client stores 'login'",
            "until the browser closes (HttpOnly)",
            "sends 2 cookies: 'login' with the value 'Alice.",
            "the framework's session sets 'session' to",
            "(HttpOnly, SameSite=Lax)",
            "the framework's session reads 'session' and gets",
            "The view sign_out deletes 'login' and 'nickname'.",
            "The client deletes 'login', as the response asks. The client deletes 'nickname'",
            ", then deletes 'session'.",
            "The client deletes 'session', as the response asks.",
            "and sends no cookies. On the server, the view page reads 'login' and gets None.",
        ),
    ),
    Lesson(
        plays.lifetimes,
        (
            Tells(
                "none-at-first",
                LIFETIMES,
                ("read None for 'brief'", "applies to 'keep' and 'visit'"),
            ),
            Tells("sent-back", LIFETIMES, ("'brief'", "set it to 'ten-seconds'")),
            Tells(
                "expired", LIFETIMES, ("'brief'", "set to last for 10 seconds", "without notice")
            ),
            Tells("rotated", f"{LIFETIMES}/too-long", ("'keep'", "'ten-years'", "'a-year'")),
            Tells(
                "lifetime-capped",
                f"{LIFETIMES}/too-long",
                ("3,650 days", "for 400 days and no longer"),
            ),
            Tells(
                "ignored-expiry", f"{LIFETIMES}/nonsense", ("'visit'", "'Expires=tomorrow' is not")
            ),
            Tells(
                "ignored-expiry",
                f"{LIFETIMES}/both",
                ("'brief'", "For 10 seconds.", "Expires=Tue, 01 Jan 2030", "only Max-Age counts"),
            ),
            Tells("deleted-nothing", f"{LIFETIMES}/delete-wrong", ("'keep'", f"Path={LIFETIMES}")),
            Tells("deleted", f"{LIFETIMES}/delete-right", ("'keep'", "'ten-years' is not sent")),
        ),
        (
            Asks("why-withheld", "The client holds 'brief'", "Because it had expired"),
            Asks("expires", "'keep'", "400 days after it was set"),
            Asks("expires", "'keep'", "365 days after it was set"),
            Asks("expires", "'brief'", "10 seconds after it was set"),
            Asks("expires", "'visit'", "When the browser closes"),
            Asks(
                "outcome",
                "delete-wrong",
                "It does nothing: the line expires at once, and there is no such cookie",
            ),
            Asks("outcome", "delete-right", "It deletes the cookie it has"),
        ),
        (
            "stores 'brief' with the value 'ten-seconds'",
            "for 10 seconds.",
            "and gets 'ten-seconds', None and None. The response is “Lifetimes”.",
            "stores 'visit' with the value 'until-you-close-me'",
            "until the browser closes.",
            "stores 'keep' with the value 'a-year'",
            "for 365 days.",
            "changes the value of 'keep' from 'a-year' to 'ten-years'",
            "for 400 days. 'keep' asks for 3,650 days; a browser keeps a cookie for at most "
            "400 days.",
            "'Expires=tomorrow' is not a valid date, so it is ignored.",
            "tries to delete 'keep' but misses it. The jar holds 'keep' for shop.test only, "
            f"path {LIFETIMES}, but this deletes 'keep' for shop.test only, path /:",
            "The client deletes 'keep', as the response asks.",
            "By now, 'brief' has expired, and the jar drops it.",
            "stores 'brief' with the value 'max-age-wins'",
            "for 10 seconds.",
        ),
    ),
    Lesson(
        plays.scope,
        (
            Tells("none-at-first", SCOPE, ("read None for 'place'", "applies to 'shade'")),
            Tells(
                "shadows-other-cookie",
                f"{SCOPE}/set-paths",
                (
                    "Why are there 3 cookies named 'shade'",
                    "'light' (www.shop.test only, path /lessons),",
                ),
            ),
            Tells(
                "shadows-other-cookie",
                f"{SCOPE}/set-domain",
                ("two cookies named 'place'", "its subdomains"),
            ),
            Tells("sent-back", SCOPE, ("'shade'",)),
            Tells("sent-back", SCOPE, ("'place'", "set it to 'this-host-only'")),
            Tells("duplicate-name", SCOPE, ("'shade' twice", "the server read 'medium'")),
            Tells("duplicate-name", SCOPE, ("'place' twice", "the server read 'this-host-only'")),
            Tells("withheld", SCOPE, ("'shade'", f"paths under {SCOPE}/deep, and {SCOPE} is not")),
            Tells(
                "withheld",
                SCOPE,
                ("'place' belongs to www.shop.test", "the host shop.test", "to 'shade'"),
            ),
            Tells("other-host", SCOPE, ("is another host, and shares no domain with it",)),
            Tells("wrong-host", SCOPE, ("Why does shop.test not get 'shade'",)),
            Tells("wrong-host", SCOPE, ("Why does api.shop.test not get 'shade'",)),
            Tells("rotated", f"{SCOPE}/set-deep-link", ("'default-path'", "'this-host-only'")),
            Tells("deleted", f"{SCOPE}/clear", ("'shade'", "It does so 3 times here")),
            Tells("deleted", f"{SCOPE}/clear", ("'place'", "It does so twice here")),
        ),
        (
            Asks("which-of-two", "'shade'", "'medium'"),
            Asks("which-of-two", "'place'", "'"),
            Asks("why-withheld", "'shade'", "Because its Path does not cover the address"),
            Asks("which-sent", "api.shop.test", "'place'"),
            Asks("sent-where", "'place'", "http"),
            Asks("how-many", "for all hosts together", ""),
        ),
        (
            "stores 'shade' with the value 'light', for www.shop.test only, paths under /lessons,",
            "One cookie is withheld: 'shade' is for paths under /lessons/scope/deep, and "
            "/lessons/scope is not one of them.",
            "The request contains 'shade' 3 times.",
            "gets 'dark' and None.",
            "2 cookies are withheld",
            "gets 'light' and None.",
            "stores 'place' with the value 'this-host-only', for www.shop.test only",
            "stores 'place' with the value 'all-of-shop', for shop.test and its subdomains",
            "The request contains 'place' twice.",
            "changes the value of 'place' from 'this-host-only' to 'default-path'",
            "gives no Path for 'place', so the folder of the requested address applies.",
            "requests /lessons/scope from shop.test and sends the cookie 'place' with the value "
            "'all-of-shop'. 4 cookies of other hosts of shop.test stay in the jar.",
            "requests /lessons/scope from api.shop.test and sends the cookie 'place' with",
            "requests /lessons/scope from ads.test on behalf of another site and sends no cookies.",
            "deletes 'shade' 3 times and 'place' twice.",
            "deletes the 'shade' for www.shop.test only, paths under /lessons/scope/deep",
            "deletes the 'place' for shop.test and its subdomains",
            "requests /lessons/scope from www.shop.test and sends no cookies.",
        ),
    ),
    Lesson(
        plays.same_site_over_http,
        (
            *_REACHING_OVER,
            Tells("refused", f"{SAME_SITE}/set", ("'none' is Secure", "http://shop.test")),
            Tells(
                "none-at-first", SAME_SITE, ("'none'", "tries to set it, but the client refuses")
            ),
        ),
        (
            *_SAME_SITE_QUESTIONS,
            Asks("why-refused", "none=1", "Because it is Secure and came over an insecure"),
        ),
        (
            "(SameSite=Strict)",
            "(SameSite=Lax)",
            "The client refuses 'none' with the value '1': 'none' is Secure, but http://shop.test",
            "sends 3 cookies: 'strict' with the value '1', 'lax' with the value '1' and 'plain' "
            "with the value '1'.",
            (
                f"requests {SAME_SITE}/pixel.png from shop.test on behalf of another site and "
                "sends "
                "no cookies. 3 cookies are withheld: 'strict' is SameSite=Strict, and another site "
                "caused this request. 'lax' is SameSite=Lax, and this request was made inside "
                "a page of another site. 'plain' has no SameSite",
                f"requests {SAME_SITE}/frame from shop.test on behalf of another site and sends "
                "no cookies. Its headers do not show whether it was made for the tab or for a "
                "frame in another site's page. It is assumed to be a frame's",
                "“This is shop.test, in a frame. Cookies received: nothing”",
            ),
            f"requests {SAME_SITE}/arrive from shop.test on behalf of another site and sends 2 "
            "cookies: 'lax' with the value '1' and 'plain' with the value '1'. One cookie is "
            "withheld: 'strict'",
            "makes a POST request to shop.test/lessons/same-site/arrive on behalf of another site "
            "and sends the cookie 'plain'",
            "'lax' is SameSite=Lax, and another site caused this navigation, which uses an unsafe "
            "method",
            'The response is “{"received":[]}”.',
            "The response asks to delete 'none', but the client has no such cookie.",
        ),
    ),
    Lesson(
        plays.same_site_over_https,
        (
            *_REACHING_OVER,
            _withheld("none", "data", "as if it was made without credentials"),
            Tells("third-party", _WITHIN, ("'none'", "a page of https://ads.test")),
        ),
        (*_SAME_SITE_QUESTIONS, Asks("jar-value", "'none'", "'")),
        (
            "stores 'none' with the value '1'",
            "(Secure, SameSite=None)",
            "sends 4 cookies: 'strict' with the value '1', 'lax' with the value '1', 'none' with "
            "the value '1' and 'plain'",
            (
                f"requests {SAME_SITE}/pixel.png from shop.test on behalf of another site and "
                "sends "
                "the cookie 'none' with the value '1'. 3 cookies are withheld: 'strict'",
                "“This is shop.test, in a frame. Cookies received: none”",
            ),
            "sends 3 cookies: 'lax' with the value '1', 'none' with the value '1' and 'plain' "
            "with the value '1'. One cookie "
            "is withheld: 'strict'",
            "makes a POST request to shop.test/lessons/same-site/arrive on behalf of another site "
            "and sends 2 cookies: 'none' with the value '1' and 'plain' with the value '1'.",
            'The response is “{"received":["none"]}”.',
            "as if it was made without credentials.",
            'The response is “{"received":[]}”.',
            "The client deletes 'none', as the response asks.",
        ),
    ),
    Lesson(
        plays.third_party,
        (
            Tells("none-at-first", f"{THIRD_PARTY}/widget", ("read None for 'tracker'",)),
            Tells("third-party", f"{THIRD_PARTY}/widget", ("'tracker'", "It is not partitioned")),
            Tells("third-party", f"{THIRD_PARTY}/widget", ("'widget'", "It is partitioned")),
            Tells("third-party", f"{THIRD_PARTY}/widget", ("'account'", "It is not partitioned")),
            Tells("sent-back", f"{THIRD_PARTY}/widget", ("'tracker'", "set it to '1'")),
            Tells("sent-back", f"{THIRD_PARTY}/widget", ("'widget'", "set it to '1'")),
            Tells("sent-back", f"{THIRD_PARTY}/widget", ("'account'", "set it to '1'")),
            Tells("set-every-time", f"{THIRD_PARTY}/widget", ("'tracker'", "the view widget")),
            _ONE_SITE_ONLY,
            Tells("deleted", f"{THIRD_PARTY}/clear", ("'account'", "is not sent again")),
            Tells("deleted", f"{THIRD_PARTY}/clear", ("'tracker'", "is not sent again")),
        ),
        (
            Asks("which-sent", f"ads.test{THIRD_PARTY}/widget", "'"),
            Asks("why-withheld", "'widget'", "Because it"),
        ),
        (
            "stores 'tracker' with the value '1'",
            "stores 'widget' with the value '1'",
            "Cookies received: tracker widget”",
            "'widget' is kept separate for each top-level site",
            "stores 'account' with the value '1'",
            "Cookies received: account tracker widget”",
            "The client deletes 'account', as the response asks.",
        ),
    ),
    Lesson(
        plays.credentials,
        (
            Tells("none-at-first", CREDENTIALS, ("read None for 'silent'",)),
            Tells(
                "not-as-assumed",
                f"{CREDENTIALS}/sign-in/silent",
                ("'silent'", "that request was made without credentials", "credentials: 'include'"),
            ),
            Tells("sent-back", CREDENTIALS, ("'included'", "set it to '1'")),
            Tells("sent-back", CREDENTIALS, ("'own'", "set it to '1'")),
            Tells("deleted", f"{CREDENTIALS}/clear", ("'included'", "is not sent again")),
        ),
        (
            Asks("which-sent", f"shop.test{CREDENTIALS}", "'"),
            Asks("outcome", f"{CREDENTIALS}/clear", "It deletes the cookie it has"),
        ),
        (
            "stores 'silent' with the value '1', for shop.test and its subdomains",
            "as it seemed at first; but that request was made without credentials",
            "This shows that the client had not stored 'silent' after the response in step ",
            ": that request "
            "was made without credentials. Fix: Use fetch with credentials: 'include'",
            "sends the cookie 'included' with the value '1'",
            "sends 2 cookies: 'included' with the value '1' and 'own' with the value '1'",
        ),
    ),
    Lesson(
        plays.refused,
        (
            *_refusals(),
            Tells("sent-back", PATH, ("'control'", "set it to 'bell%07rings'")),
            Tells("near-limit", f"{PATH}/name-value-too-large", ("'large'", "4097 bytes")),
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
            Asks("which-fixes", "The client refuses", ""),
        ),
        (
            "refuses 'control' with",
            "another site (http and https count as different sites) and sends no cookies.",
            "stores 'control' with the value 'bell%07rings'",
            "refuses 'large' with",
            "refuses the nameless cookie with an empty value",
            "stores the nameless cookie with the value 'value-without-name'",
            "refuses 'umlaut' with the value '1': 'Domain=shöp.test' contains a character that is "
            "not ASCII.",
            "refuses 'greedy' with the value '1': 'Domain=test' is a public suffix",
            "refuses 'foreign' with the value '1': 'Domain=ads.test' does not cover the host "
            "shop.test.",
            "refuses 'padlock' with the value '1': 'padlock' is Secure, but "
            "http://shop.test is not",
            "stores 'locked' with the value 'safe'",
            "refuses 'locked' with the value 'forged'",
            "changes the value of 'locked' from 'safe' to 'changed'",
            "8 cookies are withheld: 'control', 'large'",
            "refuses 'pixel' with the value '1': 'pixel' is SameSite=Strict, and it was set "
            "by a cross-site request to shop.test",
            "refuses 'anywhere' with the value '1': 'anywhere' has SameSite=None without Secure.",
            "refuses '__Secure-id' with the value '1'",
            "refuses '__Host-id' with the value '1'",
            "its value begins with __Host-: a server would read it as a cookie with that prefix",
            "refuses '__Http-id' with the value '1'",
            "refuses '__Host-Http-id' with the value '1'",
            "refuses 'apart' with the value '1': 'apart' is Partitioned without Secure.",
            "stores 'apart' with the value '1'",
        ),
    ),
)


def _in_firefox(lesson: Lesson) -> Lesson:
    """Return what the same lesson tells if Firefox plays it."""
    return lesson._replace(**_FIREFOX.get(lesson.play.__name__, {}))


def _without(lesson: str, *rules: str) -> tuple[Tells, ...]:
    """Return what a lesson tells in Chromium, except by some rules."""
    (found,) = (each for each in LESSONS if each.play.__name__ == lesson)
    return tuple(wanted for wanted in found.tells if wanted.rule not in rules)


_ONLY_FIREFOX = Tells(
    "only-in-this-browser",
    frozenset(_WITHIN),
    ("only because the client is Firefox", "Under the standard, 'plain' would be withheld"),
)
"""The image on the page of ads.test, after the link to shop.test has given it access."""
_SENT_BY_FIREFOX = (
    f"requests {SAME_SITE}/arrive from shop.test on behalf of another site and sends",
    "makes a POST request to shop.test/lessons/same-site/arrive on behalf of another site",
)
_FIREFOX: Mapping[str, Mapping[str, Any]] = {
    "same_site_over_http": {
        "tells": (
            *(
                wanted
                for wanted in _without("same_site_over_http", "lax-post-exception")
                if wanted not in _REACHING_OVER
                or "no SameSite, which counts" not in wanted.words[1]
            ),
            _withheld(
                "plain", frozenset(_WITHIN), "'plain' is kept separate for each top-level site"
            ),
            Tells("third-party", frozenset(_WITHIN), ("'plain'", "a page of http://ads.test")),
            _ONLY_FIREFOX,
        ),
        "story": (
            "'plain' is kept separate for each top-level site: it was set under its own site",
            *_SENT_BY_FIREFOX,
        ),
    },
    "same_site_over_https": {
        "tells": (
            *(
                wanted
                for wanted in _without("same_site_over_https", "lax-post-exception", "third-party")
                if "no SameSite, which counts" not in wanted.words[1]
                and "without credentials" not in wanted.words[1]
            ),
            Tells("third-party", frozenset(_WITHIN), ("'none'", "a page of https://ads.test")),
            _withheld(
                "none", frozenset(_WITHIN), "'none' is kept separate for each top-level site"
            ),
            _ONLY_FIREFOX,
        ),
        "asks": _SAME_SITE_QUESTIONS,
        "story": (
            "stores 'none' with the value '1'",
            "'none' is kept separate for each top-level site: it was set under its own site",
            *_SENT_BY_FIREFOX,
            'The response is “{"received":["none","plain"]}”.',
        ),
    },
    "third_party": {
        "tells": (
            *(
                wanted
                for wanted in _without("third_party", "withheld")
                if wanted.rule != "third-party" or "'tracker'" not in wanted.words
            ),
            Tells("third-party", f"{THIRD_PARTY}/widget", ("'tracker'", "kept separately for")),
            Tells(
                "withheld",
                f"{THIRD_PARTY}/visit",
                ("'tracker'", "kept separate for each top-level site"),
            ),
            Tells(
                "withheld",
                f"{THIRD_PARTY}/widget",
                ("'tracker' was kept separate", "Sec-Fetch-Storage-Access: active"),
            ),
            Tells(
                "shadows-other-cookie", f"{THIRD_PARTY}/widget", ("two cookies named 'tracker'",)
            ),
        ),
        "asks": (
            Asks("which-sent", f"ads.test{THIRD_PARTY}/widget", "'"),
            Asks("why-withheld", "'tracker'", "Because it"),
        ),
        "story": (
            "stores 'tracker' with the value '1'",
            "stores 'widget' with the value '1'",
            "Cookies received: tracker widget”",
            "'tracker' is kept separate for each top-level site",
            "stores 'account' with the value '1'",
            "Cookies received: account widget”",
            "The client deletes 'account', as the response asks.",
        ),
    },
    "refused": {
        "tells": (
            *(
                wanted
                for wanted in _without("refused")
                if wanted.path != f"{PATH}/prefix-nameless"
                and wanted.path != f"{PATH}/same-site-from-cross-site/pixel.png"
            ),
            Tells(
                "refused",
                f"{PATH}/same-site-from-cross-site/pixel.png",
                ("Why does the client refuse 'pixel'",),
            ),
            Tells(
                "withheld",
                f"{PATH}/same-site-from-cross-site/pixel.png",
                ("kept separate for each top-level site",),
            ),
            Tells("needless-same-site-none", f"{PATH}/partitioned-insecure/fixed", ("'apart'",)),
        ),
        "asks": (Asks("which-fixes", "The client refuses", ""),),
        "story": (
            "refuses 'control' with",
            "refuses the nameless cookie with an empty value",
            "a line that begins with an equals sign",
            "refuses 'locked' with the value 'forged'",
            "refuses '__Host-Http-id' with the value '1'",
        ),
    },
}
"""What differs if Firefox plays a lesson: what it tells, asks, and its story."""

_BLOCKED = Lesson(
    plays.third_party,
    (
        Tells("none-at-first", f"{THIRD_PARTY}/widget", ("'tracker'", "the client refuses it")),
        Tells(
            "refused",
            f"{THIRD_PARTY}/widget",
            ("'tracker' is out of reach here", "Sec-Fetch-Storage-Access: none", "Add Partitioned"),
        ),
        Tells("third-party", f"{THIRD_PARTY}/widget", ("'widget'", "It is partitioned")),
        Tells("sent-back", f"{THIRD_PARTY}/widget", ("'widget'", "set it to '1'")),
        Tells("sent-back", f"{THIRD_PARTY}/clear", ("'account'", "set it to '1'")),
        Tells("set-every-time", f"{THIRD_PARTY}/widget", ("'widget'", "the view widget")),
        _ONE_SITE_ONLY,
        Tells("withheld", f"{THIRD_PARTY}/widget", ("'account' is out of reach here",)),
        Tells("deleted", f"{THIRD_PARTY}/clear", ("'account'", "is not sent again")),
    ),
    (
        Asks("why-refused", "the client refuses Set-Cookie", "Because"),
        Asks("why-withheld", "'account'", "Because"),
    ),
    (
        "refuses 'tracker' with the value '1': the browser said that 'tracker' is out of reach",
        "stores 'widget' with the value '1'",
        "Cookies received: widget”",
        "stores 'account' with the value '1'",
        "One cookie is withheld: the browser said that 'account' is out of reach here",
        "The client deletes 'account', as the response asks.",
    ),
)

IN_BROWSER = {
    "chromium": LESSONS,
    "chromium-blocked": (_BLOCKED,),
    "firefox": tuple(map(_in_firefox, LESSONS)),
}
"""The lessons as each browser plays them."""
