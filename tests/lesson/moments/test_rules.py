"""Every rule of the key moments: a story that it must match, and one that it nearly matches."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cookietrace.lesson.moments import RULES, Moment, key_moments
from cookietrace.lesson.table import Table
from tests.lesson.visits import CLICK, SCRIPT, SHOP, WITHIN, Visit, story_of
from tests.story import TYPED, Story

BIG = "x" * 3100
LOCAL = "http://localhost:2/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
POST = (*CLICK, ("Origin", "https://elsewhere.test"))
TWO_YEARS = 2 * 365 * 86400


FROM_NEWS = (*CLICK, ("Referer", "https://news.test/"))


def sign_in(headers: tuple[tuple[str, str], ...]) -> tuple[Visit, ...]:
    """Return a sign-in that comes back by redirects, whose first request has these headers."""
    after = TYPED if headers == TYPED else CLICK
    return (
        Visit("https://idp.test/", status=302, location=f"{SHOP}/callback", headers=headers),
        Visit(
            "/callback",
            sets=("a=1; SameSite=Strict",),
            status=302,
            location="/account",
            headers=after,
        ),
        Visit("/account", "a=1" if headers == TYPED else None, headers=after),
    )


class Case(NamedTuple):
    """Visits that a rule matches, visits that it nearly matches, and words of the answer."""

    rule: str
    matches: tuple[Visit, ...]
    near_miss: tuple[Visit, ...]
    words: tuple[str, ...]


CASES = [
    Case(
        "none-at-first",
        (Visit(sets=("a=1",), reads=(("a", None),)), Visit(cookie="a=1", reads=(("a", "1"),))),
        (
            Visit(sets=("a=1", "a=; Max-Age=0")),
            Visit(reads=(("a", None),)),
        ),
        ("contains no 'a'", "Only the response to this request sets it"),
    ),
    Case(
        "none-at-first",
        (Visit(reads=(("a", None),)), Visit(sets=("a=1",))),
        (Visit(sets=("a=1; Path=/x",)), Visit(reads=(("a", None),))),
        ("Only the response in step 2 sets it",),
    ),
    Case(
        "none-at-first",
        (Visit(reads=(("a", None),)),),
        (Visit(cookie="a=1", reads=(("a", "1"),)),),
        ("Nothing in this trace ever sets it",),
    ),
    Case(
        "sent-back",
        (Visit(sets=("a=1",)), Visit(cookie="a=1")),
        (Visit(sets=("a=1",)), Visit(cookie="a=2")),
        ("step 1 set it to '1'", "stored it in step 2", "shop.test only", "all paths"),
    ),
    Case(
        "set-every-time",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=1",))),
        (Visit(sets=("a=1",)), Visit(cookie="a=1"), Visit(cookie="a=1", sets=("a=1",))),
        ("both responses for shop.test/", "already had '1'", "stores the same cookie again"),
    ),
    Case(
        "set-every-time",
        (
            Visit(sets=("a=1; Max-Age=60",)),
            Visit(cookie="a=1", sets=("a=1; Max-Age=60",)),
            Visit(cookie="a=1", sets=("a=1; Max-Age=60",)),
        ),
        (Visit(sets=("a=1",)), Visit("/other", cookie="a=1", sets=("b=1",))),
        ("all 3 responses", "starts again", "for 1 minute"),
    ),
    Case(
        "set-every-time",
        (Visit(sets=("a=1",)), Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=1",))),
        (Visit(sets=("a=1",)), Visit(sets=("a=1",)), Visit(sets=("a=1",))),
        ("all 3 responses", "In step 4"),
    ),
    Case(
        "refused",
        (Visit(sets=("a=1; Domain=other.test",)),),
        (Visit(sets=("a=1; Domain=shop.test",)),),
        ("'Domain=other.test' does not cover the host shop.test", "5.7 step 10"),
    ),
    Case(
        "withheld",
        (Visit(sets=("a=1; Path=/admin",)), Visit("/")),
        (Visit(sets=("a=1; Path=/admin",)), Visit("/admin", "a=1")),
        ("paths under /admin, and / is not", "'a' stays in the jar."),
    ),
    Case(
        "withheld",
        (Visit(sets=("a=1; SameSite=Strict; Secure",)), Visit(headers=CLICK)),
        (Visit(sets=("a=1; Max-Age=5",)), Visit()),
        ("SameSite=Strict, and another site caused this request",),
    ),
    Case(
        "withheld",
        (Visit(sets=("a=1; SameSite=Strict",)), Visit(headers=FROM_NEWS)),
        (Visit(sets=("a=1; SameSite=Lax",)), Visit(cookie="a=1", headers=FROM_NEWS)),
        ("The request came from a page of news.test. 'a' stays in the jar.",),
    ),
    Case(
        "withheld",
        sign_in(FROM_NEWS),
        sign_in(TYPED),
        ("The navigation began at news.test (with the request in step 1); a redirect does not",),
    ),
    Case(
        "withheld",
        sign_in(CLICK),
        sign_in(TYPED),
        ("The navigation began at idp.test (step 1); a redirect does not change that.",),
    ),
    Case(
        "wrong-host",
        (
            Visit("https://www.shop.test/", sets=("a=1",)),
            Visit("https://api.shop.test/", status=401),
        ),
        (Visit("https://www.shop.test/", sets=("a=1",)), Visit("https://api.shop.test/")),
        ("www.shop.test only", "api.shop.test is another host", "responded with 401"),
    ),
    Case(
        "wrong-host",
        (
            Visit("https://www.shop.test/", sets=("a=1",)),
            Visit("https://api.shop.test/", reads=(("a", None),)),
        ),
        (
            Visit("https://www.shop.test/", sets=("a=1",)),
            Visit("https://api.shop.test/", "a=2", reads=(("a", "2"),), status=403),
        ),
        ("read 'a' and got None",),
    ),
    Case(
        "lax-post-exception",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", headers=CLICK, method="POST")),
        (Visit(sets=("a=1",)), Visit(cookie="a=1", headers=CLICK)),
        (
            "'a' has no SameSite",
            "set 10 seconds ago",
            "2 minutes after it was set, Chromium withholds it",
            "Firefox and Safari, as far as is known, send it at any age",
        ),
    ),
    Case(
        "none-at-first",
        (Visit(reads=(("a", None),)), Visit(sets=("a=1; Domain=other.test",))),
        (Visit(cookie="a=1", reads=(("a", "1"),)),),
        ("The response in step 2 tries to set it, but the client refuses it",),
    ),
    Case(
        "shadows-other-cookie",
        (Visit("/x/y", sets=("a=1; Path=/", "a=2; Path=/x", "a=3; Path=/x/y")),),
        (Visit(sets=("a=1; Path=/", "b=2; Path=/x")),),
        ("'1' (shop.test only, path /), '2' (", "None of them replaces another"),
    ),
    Case(
        "ignored-expiry",
        (Visit(sets=("a=1; Expires=tomorrow",)),),
        (Visit(sets=("a=1",)),),
        ("Until the browser closes. 'Expires=tomorrow' is not a valid date", "it is ignored"),
    ),
    Case(
        "ignored-expiry",
        (Visit(sets=("a=1; Max-Age=10; Expires=Fri, 01 Jan 2027 00:00:00 GMT",)),),
        (Visit(sets=("a=1; Max-Age=10; Expires=Sun, 15 Jun 2025 15:07:10 GMT",)),),
        ("For 10 seconds.", "both Max-Age=10 and Expires=Fri, 01 Jan 2027", "only Max-Age counts"),
    ),
    Case(
        "withheld",
        (
            Visit(sets=("a=1; SameSite=Lax",)),
            Visit(headers=CLICK, method="POST"),
            Visit(headers=WITHIN),
        ),
        (Visit(sets=("a=1; SameSite=Lax",)), Visit(cookie="a=1", headers=CLICK)),
        ("another site caused this navigation, which uses an unsafe method (section 5.8.3",),
    ),
    Case(
        "deleted",
        (
            Visit("/x", sets=("a=1; Path=/", "a=2; Path=/x")),
            Visit("/x", "a=2; a=1", ("a=; Path=/; Max-Age=0", "a=; Path=/x; Max-Age=0")),
        ),
        (Visit(sets=("a=; Max-Age=0",)),),
        ("It does so twice here, once for each domain and path",),
    ),
    Case(
        "refused",
        (Visit(sets=("a=1; Domain=\xe9.test",)), Visit(sets=("b=1; Domain=other.test",))),
        (Visit(sets=("a=1; Domain=shop.test",)),),
        ("not ASCII (section 5.7 step 8 of the cookie standard). There is more: 'Domain",),
    ),
    Case(
        "refused",
        (Visit(sets=("a=1; SameSite=None",), user_agent="curl/8.5.0"), Visit(cookie="a=1")),
        (Visit(sets=("a=1",), user_agent="curl/8.5.0"), Visit(cookie="a=1")),
        ("this client kept it, and sent it in step 3: its User-Agent names no browser",),
    ),
    Case(
        "missing",
        (Visit(sets=("a=1", "b=2")), Visit(cookie="a=1")),
        (Visit(sets=("a=1", "b=2; Path=/x")), Visit(cookie="a=1")),
        ("'b' should have been sent with this request", "'2' since step 2"),
    ),
    Case(
        "never-set",
        (Visit(cookie="a=1"),),
        (Visit(sets=("a=1",)), Visit(cookie="a=1")),
        ("none before step 1 sets 'a'", "contains it with the value '1'"),
    ),
    Case(
        "never-set",
        (Visit(sets=("a=2; SameSite=None", "a=1; Domain=other.test")), Visit(cookie="a=1")),
        (Visit(sets=("a=1",)), Visit(cookie="a=1")),
        ("kept it anyway", "does not cover the host", "curl"),
    ),
    Case(
        "not-as-assumed",
        (Visit(), Visit(headers=SCRIPT, sets=("a=1",)), Visit()),
        (Visit(), Visit(headers=SCRIPT, sets=("a=1",)), Visit(cookie="a=1")),
        ("shows that the client had not stored it", "made without credentials"),
    ),
    Case(
        "never-set",
        (Visit(sets=("a=1; Secure, b=2",)), Visit(cookie="a=1; b=2")),
        (Visit(sets=("a=1; Secure, b=2", "b=2")), Visit(cookie="a=1; b=2")),
        ("Most likely from the response in step 1", "the recording joined them"),
    ),
    Case(
        "changed-outside",
        (Visit(sets=("a=1",)), Visit(cookie="a=2")),
        (Visit(cookie="a=2"),),
        ("step 1 set it to '1'", "contains '2'"),
    ),
    Case(
        "duplicate-name",
        (Visit(sets=("a=1", "a=2; Path=/x")), Visit("/x", "a=2; a=1", reads=(("a", "2"),))),
        (Visit(sets=("a=1", "a=2; Path=/x")), Visit("/", "a=1")),
        ("'2' (shop.test only, path /x)", "'1' (shop.test only, path /)", "read '2'"),
    ),
    Case(
        "shadows-other-cookie",
        (Visit(sets=("a=1", "a=2; Domain=shop.test")),),
        (Visit(sets=("a=1", "a=2")),),
        ("for shop.test/", "shop.test and its subdomains", "'2'"),
    ),
    Case(
        "rotated",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",))),
        (Visit(cookie="a=1", sets=("a=2",)),),
        ("set it to '2'", "had held '1' since step 2"),
    ),
    Case(
        "persistence",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=1; Max-Age=3600",))),
        (Visit(sets=("a=1; Max-Age=60",)), Visit(cookie="a=1", sets=("a=1; Max-Age=3600",))),
        ("for 1 hour, on disk",),
    ),
    Case(
        "persistence",
        (Visit(sets=("a=1; Max-Age=60",)), Visit(cookie="a=1", sets=("a=1",))),
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",))),
        ("without Max-Age or Expires", "for 1 minute"),
    ),
    Case(
        "protection-lost",
        (
            Visit(sets=("a=1; HttpOnly; Secure; SameSite=Strict",)),
            Visit(cookie="a=1", sets=("a=1; SameSite=Lax",)),
        ),
        (
            Visit(sets=("a=1; SameSite=Lax",)),
            Visit(cookie="a=1", sets=("a=1; HttpOnly; Secure; SameSite=Strict",)),
        ),
        ("HttpOnly, Secure and SameSite=Strict",),
    ),
    Case(
        "deleted",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",))),
        (Visit(sets=("a=; Max-Age=0",)),),
        ("expiry in the past (Max-Age=0)", "'1' is not sent again"),
    ),
    Case(
        "deleted-nothing",
        (Visit(sets=("a=1; Path=/x",)), Visit(sets=("a=; Max-Age=0; Path=/",))),
        (Visit(sets=("b=1; Path=/x",)), Visit(sets=("a=; Max-Age=0; Path=/",))),
        ("shop.test only, path /:", "path /x", "these are two different cookies"),
    ),
    Case(
        "expired",
        (Visit(sets=("a=1; Max-Age=4",)), Visit()),
        (Visit(sets=("a=1; Max-Age=40",)), Visit(cookie="a=1")),
        ("for 4 seconds", "6 seconds before the request in step 3"),
    ),
    Case(
        "unused-after-redirect",
        (Visit("/login", sets=("a=1; Path=/login",), status=302, location="/"), Visit("/")),
        (Visit("/login", sets=("a=1; Path=/",), status=302, location="/"), Visit("/", "a=1")),
        ("set it to '1'", "paths under /login", "The request in step 3 withheld it because its"),
    ),
    Case(
        "readable-by-scripts",
        (Visit(sets=("sessionid=1; Secure",)),),
        (Visit(sets=("csrf_token=1", "sid=1; HttpOnly", "residence=1")),),
        ("sets 'sessionid' without HttpOnly",),
    ),
    Case(
        "sent-unencrypted",
        (Visit(sets=("auth-token=1; HttpOnly",)),),
        (
            Visit(sets=("auth-token=1; HttpOnly; Secure",)),
            Visit("http://127.0.0.1/", sets=("sid=1",)),
        ),
        ("without Secure", "http://shop.test"),
    ),
    Case(
        "needless-same-site-none",
        (Visit(sets=("a=1; SameSite=None; Secure",)), Visit(cookie="a=1")),
        (
            Visit(sets=("a=1; SameSite=None; Secure",)),
            Visit(cookie="a=1"),
            Visit(cookie="a=1", headers=WITHIN),
        ),
        ("sent with 1 request, which was same-site",),
    ),
    Case(
        "third-party",
        (Visit(sets=("a=1; SameSite=None; Secure",), headers=WITHIN),),
        (Visit(sets=("a=1; SameSite=None; Secure",), headers=CLICK),),
        ("sets 'a' for shop.test", "not partitioned"),
    ),
    Case(
        "third-party",
        (Visit(sets=("a=1; SameSite=None; Secure; Partitioned",), headers=WITHIN),),
        (Visit(sets=("a=1",), headers=WITHIN),),
        ("It is partitioned: it is kept separately for that site",),
    ),
    Case(
        "lifetime-capped",
        (Visit(sets=(f"a=1; Max-Age={TWO_YEARS}",)),),
        (Visit(sets=("a=1; Max-Age=34560000",)),),
        ("730 days", "for 400 days"),
    ),
    Case(
        "near-limit",
        (Visit(sets=(f"a={BIG}",)),),
        (Visit(sets=(f"a={BIG[:3000]}",)),),
        ("3101 bytes", "995 left"),
    ),
    Case(
        "near-limit",
        (Visit(sets=(f"a={BIG}{BIG}",)),),
        (Visit(sets=(f"a={BIG}; Domain=other.test",)),),
        ("6201 bytes", "over the limit"),
    ),
    Case(
        "header-large",
        (Visit(cookie="a=1"), Visit(cookie=f"a=1; b={BIG}; c={BIG[:1000]}")),
        (Visit(cookie=f"a=1; b={BIG}; c={BIG[:900]}"),),
        ("4111 bytes, for 3 cookies", "In step 1 it had 3 bytes"),
    ),
    Case(
        "evicted",
        tuple(Visit(sets=tuple(f"n{i}=1" for i in range(200)), status=200) for _ in range(1)),
        (Visit(sets=tuple(f"n{i}=1" for i in range(100))),),
        ("evicted",),
    ),
    Case(
        "two-jars",
        (
            Visit(sets=("a=1",)),
            *(Visit(cookie=cookie) for cookie in ("a=2", "a=1", "a=2", "a=1")),
        ),
        (Visit(sets=("a=1",)), *(Visit(cookie=f"a={number}") for number in range(2, 7))),
        ("took turns",),
    ),
    Case(
        "blocks-third-parties",
        (
            Visit(headers=WITHIN, sets=("a=1; SameSite=None; Secure",)),
            Visit(headers=WITHIN),
        ),
        (
            Visit(headers=WITHIN, sets=("a=1; SameSite=None; Secure",)),
            Visit(headers=WITHIN, cookie="a=1"),
        ),
        ("It seems so", "step 1 set a cookie", "did not carry it", "this is a guess"),
    ),
    Case(
        "blocks-third-parties",
        (Visit(sets=("a=1; SameSite=None; Secure",)), Visit(headers=WITHIN)),
        (Visit(sets=("a=1; SameSite=None; Secure",)), Visit()),
        ("It seems so", "none of the cookies that the client has for it"),
    ),
    Case(
        "value-of-another-client",
        (Visit(sets=("sid=secret1",)), Visit(cookie="sid=secret1", client="c2")),
        (Visit(sets=("sid=1",)), Visit(cookie="sid=1", client="c2")),
        ("step 1 set 'secret1' in another client",),
    ),
    Case(
        "lines-joined",
        (Visit(sets=("a=1; Path=/; Secure, b.c=2; Path=/",)), Visit(cookie="a=1")),
        (Visit(sets=("a=1; Expires=Wed, 05 Jun 2030 14:40:59 GMT; Path=/",)),),
        ("joined by a comma", "never stores 'b.c'"),
    ),
    Case(
        "lines-joined",
        (Visit(sets=("a=1; Path=/,b=2; Path=/",)), Visit(cookie="a=1; b=2")),
        (Visit(sets=("a=1; Path=/, HttpOnly",)),),
        ("But 'b' came back in step 3", "it was the recording that joined the lines"),
    ),
    Case(
        "lines-joined",
        (Visit(sets=("a=1; Path=/; b=; Max-Age=0; Path=/",)),),
        (Visit(sets=("a=1; b=2; Path=/",)),),
        ("joined by a semicolon", "That lifetime is over, so 'a' itself is not kept either"),
    ),
    Case(
        "lines-joined",
        (Visit(sets=("a=1\nb=2; Path=/",)),),
        (Visit(sets=("a=1\x07b=2; Path=/",)),),
        ("joined by a line break",),
    ),
    Case(
        "line-miswritten",
        (Visit(sets=("a=1; HttpOnly=false",)),),
        (Visit(sets=("a=1; HttpOnly=true",)),),
        ("HttpOnly applies, even where the value says that it should not",),
    ),
    Case(
        "line-miswritten",
        (Visit(sets=("a=1; SameSite=None Secure",)),),
        (Visit(sets=("a=1; Path=/my path; Secure",)),),
        ("no semicolon before Secure",),
    ),
    Case(
        "born-expired",
        (Visit(sets=("a=token123; Expires=Sun, 15 Jun 2025 14:40:10 GMT",)),),
        (
            Visit(sets=("a=token123; Expires=Thu, 01 Jan 1970 00:00:00 GMT",)),
            Visit(sets=("a=; Expires=Sun, 15 Jun 2025 14:40:10 GMT",)),
            Visit(sets=("a=token123; Max-Age=-1; Expires=Sun, 15 Jun 2025 14:40:10 GMT",)),
            Visit(sets=("a=token123",)),
            Visit(cookie="a=token123", sets=("a=token123; Expires=Sun, 15 Jun 2025 14:40:10 GMT",)),
        ),
        ("'a' had expired 26 minutes before it arrived", "perhaps the server's clock is slow"),
    ),
    Case(
        "other-host",
        (
            Visit("http://127.0.0.1:1/in", sets=("tok=1",), status=302, location=LOCAL),
            Visit(LOCAL, headers=CLICK),
        ),
        (
            Visit("http://localhost:1/in", sets=("tok=1",), status=302, location=LOCAL),
            Visit(LOCAL, "tok=1", headers=CLICK),
        ),
        ("'tok' belongs to 127.0.0.1 only", "localhost:2 is another host", "two names for one"),
    ),
    Case(
        "other-host",
        (
            Visit("https://shop.test/", sets=("session=1",)),
            Visit(
                "https://api.example/",
                status=401,
                headers=(*WITHIN, ("Origin", "https://shop.test")),
            ),
        ),
        (
            Visit("https://shop.test/", sets=("session=1",)),
            Visit("https://api.example/", headers=(*WITHIN, ("Origin", "https://shop.test"))),
        ),
        ("'session' belongs to shop.test only", "api.example is another host"),
    ),
    Case(
        "only-on-loopback",
        (Visit("http://localhost:5000/", sets=("__Host-a=1; Secure; Path=/",)),),
        (Visit("https://localhost:5000/", sets=("__Host-a=1; Secure; Path=/",)),),
        ("keeps it only because localhost is this machine", "Safari, as far as is known"),
    ),
    Case(
        "only-in-this-browser",
        (
            Visit(sets=("a=1",), user_agent=FIREFOX),
            Visit(cookie="a=1", headers=POST, method="POST"),
        ),
        (Visit(sets=("a=1",), user_agent=FIREFOX), Visit(cookie="a=1", headers=CLICK)),
        ("Under the standard, 'a' would be withheld", "Firefox sends it anyway", "Chromium"),
    ),
    Case(
        "late-response",
        (
            Visit(sets=("a=old",)),
            Visit(cookie="a=old", sets=("a=new",), late=1),
            Visit(cookie="a=old", sets=("a=; Max-Age=0",), after=0.1),
        ),
        (
            Visit(sets=("a=old",)),
            Visit(cookie="a=old", sets=("a=new",)),
            Visit(cookie="a=new", sets=("a=; Max-Age=0",), after=0.1),
        ),
        ("set 'a' to 'new'", "made with 'old'", "10 ms after that and deleted it: 'new' is lost"),
    ),
    Case(
        "late-response",
        (
            Visit(sets=("a=old",)),
            Visit("/slow", "a=old", sets=("a=slow",), late=2),
            Visit("/fast", "a=old", sets=("a=fast",)),
            Visit("/then", "a=fast"),
        ),
        (
            Visit(sets=("a=old",)),
            Visit("/slow", "a=old", sets=("a=fast",), late=2),
            Visit("/fast", "a=old", sets=("a=fast",)),
            Visit("/then", "a=fast"),
        ),
        ("in step 4 set 'a' to 'fast'", "replaced it with 'slow'"),
    ),
    Case(
        "overlapping",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",), late=1), Visit(cookie="a=2")),
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",)), Visit(cookie="a=2")),
        ("contains 'a' with '2'", "was in progress at that time", "there is no verdict"),
    ),
    Case(
        "header-refused",
        (Visit(sets=(f"a={BIG}",)), Visit(cookie=f"a={BIG}; b={BIG[:2000]}", status=431)),
        (Visit(sets=(f"a={BIG}",)), Visit(cookie=f"a={BIG}; b={BIG[:2000]}", status=403)),
        ("refuses the request with 431", "5,106 bytes", "Most of it: 'a' (3,102 bytes) and 'b'"),
    ),
    Case(
        "header-refused",
        (Visit(cookie=f"a={BIG}", status=400, body="Request Header Or Cookie Too Large"),),
        (Visit(cookie=f"a={BIG}", status=400, body="missing parameter"),),
        ("refuses the request with 400, because its headers are too large",),
    ),
    Case(
        "header-refused",
        (Visit(cookie=f"a={BIG}; b={BIG}", status=400),),
        (Visit(cookie=f"a={BIG}", status=400),),
        ("perhaps the server refuses headers of that size",),
    ),
    Case(
        "cacheable-set-cookie",
        (Visit(sets=("sid=1",), answer=(("Cache-Control", "public, max-age=60"),)),),
        (
            Visit(sets=("sid=1",), answer=(("Cache-Control", "private, max-age=60"),)),
            Visit(sets=("lang=en",), answer=(("Cache-Control", "public, max-age=60"),)),
            Visit(sets=("sid=2",)),
            Visit(sets=("sid=3",), method="POST", answer=(("Cache-Control", "public"),)),
            Visit(sets=("sid=4",), answer=(("Cache-Control", "s-maxage=\xb2"),)),
            Visit(sets=("sid=5",), answer=(("Cache-Control", "max-age=\xb2"),)),
        ),
        ("A cache could.", "may be kept by shared caches (public)", "RFC 9111, section 7.3"),
    ),
    Case(
        "cacheable-set-cookie",
        (Visit(sets=("sid=1",), answer=(("Cache-Control", f"s-maxage={'9' * 5000}"),)),),
        (Visit(sets=("sid=1",), answer=(("Cache-Control", f"!{' ' * 60_000}!"),)),),
        ("may be kept by shared caches (s-maxage=999999999999)",),
    ),
    Case(
        "cacheable-set-cookie",
        (Visit(sets=("lang=en",), answer=(("CF-Cache-Status", "HIT"), ("Age", "0"))),),
        (Visit(sets=("sid=1",), answer=(("CF-Cache-Status", "MISS"), ("Age", "0"))),),
        ("a cache hands out this cookie", "came from a cache (cf-cache-status: HIT)"),
    ),
    Case(
        "same-value-for-two",
        (Visit(sets=("sid=4f3a9c01",)), Visit(sets=("sid=4f3a9c01",), client="c2")),
        (
            Visit(sets=("sid=4f3a9c01", "lang=english")),
            Visit(cookie="sid=4f3a9c01", sets=("sid=4f3a9c01", "lang=english"), client="c2"),
        ),
        ("which the response in step 1 had given to another client", "Nothing in the response"),
    ),
    Case(
        "not-read",
        (Visit(cookie='cart={"a":1}; b=2', reads=(("cart", None), ("b", "2"))),),
        (Visit(cookie='cart="a"; b=2', reads=(("cart", "a"), ("c", None))),),
        ("contains a quotation mark, and Werkzeug (Flask and Quart use it",),
    ),
    Case(
        "not-read",
        (Visit(cookie='a="x; b=2; c="', reads=(("b", None),)),),
        (Visit(cookie='a="x"; b=2', reads=(("b", "2"),)),),
        ("The value of 'a', earlier in the Cookie header", "'b' included"),
    ),
    Case(
        "not-read",
        (Visit(cookie="a=1", reads=(("a", None),)),),
        (Visit(cookie="a=1"),),
        ("the view got None. Why is not known",),
    ),
    Case(
        "not-read",
        (Visit(cookie="a=x y", reads=(("a", None),)),),
        (Visit(cookie="a=x", reads=(("A", None),)),),
        ("contains a space",),
    ),
    Case(
        "session-not-renewed",
        (
            Visit("/login", sets=("sid=1; HttpOnly; Secure",)),
            Visit("/login", "sid=1", method="POST", status=302, location="/"),
            Visit("/", "sid=1"),
        ),
        (
            Visit("/login", sets=("sid=1; HttpOnly; Secure",)),
            Visit("/login", "sid=1", ("sid=2; HttpOnly",), method="POST", status=302, location="/"),
            Visit("/", "sid=2"),
        ),
        ("before the user signed in", "step 4 still has it", "session fixation"),
    ),
    Case(
        "session-after-sign-out",
        (
            Visit("/account", status=302, location="/login"),
            Visit("/login", sets=("sid=1; HttpOnly; Secure",), method="POST"),
            Visit("/logout", "sid=1", method="POST", status=302, location="/"),
            Visit("/account", "sid=1"),
        ),
        (
            Visit("/login", sets=("sid=1; HttpOnly; Secure",), method="POST"),
            Visit("/logout", "sid=1", method="POST", status=302, location="/"),
            Visit("/account", "sid=1"),
            Visit("/login", "sid=1", method="POST"),
            Visit("/account", "sid=1"),
        ),
        ("still has '1'", "shop.test/account accepts it", "refused the request in step 1"),
    ),
    Case(
        "domain-too-wide",
        (
            Visit("https://app.shop.test/", sets=("sid=1; Domain=shop.test; HttpOnly; Secure",)),
            *(Visit("https://app.shop.test/", "sid=1") for _ in range(10)),
        ),
        (
            Visit("https://app.shop.test/", sets=("sid=1; Domain=shop.test; HttpOnly; Secure",)),
            *(Visit("https://app.shop.test/", "sid=1") for _ in range(10)),
            Visit("https://www.shop.test/", "sid=1"),
        ),
        ("for shop.test and its subdomains", "went to app.shop.test"),
    ),
]
IDS = [f"{index}-{case.rule}" for index, case in enumerate(CASES)]


def moments(visits: tuple[Visit, ...], rule: str) -> list[Moment]:
    """The moments of one rule for these visits."""
    table = Table(story_of(*visits).trace())
    return [moment for moment in key_moments(table) if moment.rule == rule]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_matches(case: Case) -> None:
    """The rule matches its story, with the story's own values and existing steps."""
    visits = case.matches
    steps = len(Table(story_of(*visits).trace()))
    found = moments(visits, case.rule)
    assert found, f"{case.rule} did not match"
    moment = found[0]
    for words in case.words:
        assert words in moment.answer
    assert moment.question.endswith("?")
    assert moment.count >= 1
    assert all(1 <= step <= steps for step in (moment.step, *moment.steps))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_near_miss(case: Case) -> None:
    """The rule does not match if only nearly the same happened."""
    assert moments(case.near_miss, case.rule) == []


def test_a_refusal_of_two_reasons_leaves_the_second_to_another_cookie() -> None:
    """Each first reason has its own moment, about the cookie that it refused."""
    visits = (Visit(sets=("a=1; Domain=\xe9.test",)), Visit(sets=("b=1; Domain=other.test",)))
    assert [moment.question for moment in moments(visits, "refused")] == [
        "Why does the client refuse 'a' in step 2?",
        "Why does the client refuse 'b' in step 4?",
    ]


def test_a_link_and_an_image_are_two_moments() -> None:
    """If SameSite withholds a cookie, navigations and requests within a page are separate."""
    strict = Visit(sets=("a=1; SameSite=Strict",))
    visits = (strict, Visit(headers=CLICK), Visit(headers=WITHIN), Visit(headers=CLICK))
    assert [moment.steps for moment in moments(visits, "withheld")] == [(1, 2, 3, 5), (1, 2, 4)]


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://localhost:5000", "Chromium and Firefox treat this machine as secure"),
        ("http://shop.test", "Current browsers follow this rule; curl"),
    ],
)
def test_secure_cookies_over_plain_http(base: str, words: str) -> None:
    """On the developer's own machine, browsers keep what a strict client refuses."""
    story = Story(base, user_agent=None)
    story.visit("/", None, "a=1; Secure")
    story.visit("/", "a=1")
    (moment,) = (m for m in key_moments(Table(story.trace())) if m.rule == "never-set")
    assert words in moment.answer


def test_every_rule_has_a_case() -> None:
    """Every rule has a story and a near miss."""
    assert {case.rule for case in CASES} == set(RULES)
