"""Journeys: sessions that end, renew, race and live in several windows; consent and settings."""

from __future__ import annotations

from tests.judge.scenario import (
    Act,
    Go,
    Leave,
    Reload,
    Response,
    Scenario,
    fetch,
    form,
    frame,
    image,
    link,
    page,
)

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
API = "https://api.shop.test"
LOGIN = "https://login.test"
NEWS = "https://news.test"
STATS = "https://stats.test"

SCENARIOS = (
    Scenario(
        name="sign-out-clears-site-data",
        promise="A sign-out with Clear-Site-Data, a page after it, and a new visit.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"session=1; HttpOnly; Secure", b"lang=en; Max-Age=86400")
            ),
            f"{WWW}/": Response(set_cookies=(b"wide=1; Domain=shop.test", b"own=1")),
            f"{SHOP}/logout": Response(
                status=303,
                location="/bye",
                headers=(b'Clear-Site-Data: "cookies", "storage"',),
                set_cookies=(b"signed_out=1; Max-Age=60",),
            ),
            f"{SHOP}/bye": Response(set_cookies=(b"visit=2",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{WWW}/"),
            Go(f"{SHOP}/page"),
            Leave(form(f"{SHOP}/logout")),
            Go(f"{WWW}/end"),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="sign-out-everywhere",
        promise="The login service signs out of all apps through frames and images.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"session=1; Secure; HttpOnly", b"none=1; Secure; SameSite=None")
            ),
            f"{NEWS}/": Response(
                set_cookies=(b"session=1; Secure; HttpOnly", b"none=1; Secure; SameSite=None")
            ),
            f"{LOGIN}/": Response(set_cookies=(b"sso=1; Secure; SameSite=None",)),
            f"{LOGIN}/logout": Response(
                set_cookies=(b"sso=; Secure; SameSite=None; Max-Age=0; Path=/",),
                body=page(frame(f"{SHOP}/logout"), image(f"{NEWS}/logout")),
            ),
            **{
                f"{app}/logout": Response(
                    set_cookies=(
                        b"session=; Secure; HttpOnly; Path=/; Max-Age=0",
                        b"none=; Secure; SameSite=None; Path=/; Max-Age=0",
                    )
                )
                for app in (SHOP, NEWS)
            },
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{NEWS}/"),
            Go(f"{LOGIN}/"),
            Leave(link(f"{LOGIN}/logout")),
            Go(f"{SHOP}/end"),
            Go(f"{NEWS}/end"),
        ),
    ),
    Scenario(
        name="sign-out-on-the-wrong-path",
        promise="A sign-out that forgets Path or Domain leaves the session as it was.",
        group="journey",
        problems=frozenset({"deleted-nothing"}),
        responses={
            f"{WWW}/app/": Response(
                set_cookies=(b"session=1; Path=/; Domain=shop.test; HttpOnly", b"app=1; Path=/app")
            ),
            f"{WWW}/app/logout": (
                Response(status=303, location="/app/", set_cookies=(b"session=; Max-Age=0",)),
                Response(
                    status=303, location="/app/end", set_cookies=(b"session=; Max-Age=0; Path=/",)
                ),
                Response(
                    status=303,
                    location="/app/end",
                    set_cookies=(b"session=; Max-Age=0; Path=/; Domain=shop.test",),
                ),
            ),
        },
        steps=(
            Go(f"{WWW}/app/"),
            Leave(form(f"{WWW}/app/logout")),
            Leave(form(f"{WWW}/app/logout")),
            Leave(form(f"{WWW}/app/logout")),
            Go(f"{WWW}/app/end"),
        ),
    ),
    Scenario(
        name="token-refresh-race",
        promise="Two requests refresh the same token; the later response decides what is kept.",
        group="journey",
        problems=frozenset({"late-response"}),
        responses={
            f"{SHOP}/": Response(set_cookies=(b"access=1; Max-Age=300", b"refresh=1; HttpOnly")),
            f"{SHOP}/refresh?a": Response(
                set_cookies=(b"access=2; Path=/; Max-Age=300", b"refresh=2; Path=/; HttpOnly"),
                after=(f"{SHOP}/refresh?b",),
            ),
            f"{SHOP}/refresh?b": Response(
                set_cookies=(b"access=3; Path=/; Max-Age=300", b"refresh=3; Path=/; HttpOnly"),
                after=(f"{SHOP}/refresh?a",),
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(f"Promise.all([{fetch(f'{SHOP}/refresh?a')}, {fetch(f'{SHOP}/refresh?b')}])"),
            Act(fetch(f"{SHOP}/api")),
        ),
        by_script=frozenset({"access", "refresh"}),
    ),
    Scenario(
        name="session-slides",
        promise="Every response renews the session's lifetime, pages and parallel calls alike.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"session=1; Max-Age=900; HttpOnly",),
                body=page(*(image(f"{SHOP}/{number}") for number in range(4))),
            ),
            **{
                f"{SHOP}/{number}": Response(
                    set_cookies=(b"session=1; Max-Age=900; HttpOnly; Path=/",)
                )
                for number in range(4)
            },
        },
        steps=(Go(f"{SHOP}/"), Reload(), Act(fetch(f"{SHOP}/1")), Leave(link(f"{SHOP}/2"))),
    ),
    Scenario(
        name="several-tabs",
        promise="Tabs share one jar: one signs out, and the other's next request shows it.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"session=1; HttpOnly", b"tab=first")),
            f"{SHOP}/tab": Response(set_cookies=(b"tab=second",)),
            f"{SHOP}/logout": Response(set_cookies=(b"session=; Max-Age=0", b"tab=; Max-Age=0")),
            f"{SHOP}/login": Response(set_cookies=(b"session=2; HttpOnly",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act("void (window.tab = window.open('/tab'))", until=f"{SHOP}/tab"),
            Act(fetch(f"{SHOP}/api")),
            Act("void (tab.location = '/logout')", until=f"{SHOP}/logout"),
            Act(fetch(f"{SHOP}/api")),
            Act(fetch(f"{SHOP}/login", method="POST")),
            Act("void (tab.location = '/seen')", until=f"{SHOP}/seen"),
            Act("void window.open('/other', '_blank', 'noopener')", until=f"{SHOP}/other"),
            Reload(),
        ),
    ),
    Scenario(
        name="private-window-beside",
        promise="A private window starts empty, signs in as another user, and leaves nothing.",
        group="journey",
        responses={
            f"{SHOP}/": (
                Response(set_cookies=(b"session=alice; HttpOnly",)),
                Response(set_cookies=(b"session=bob; HttpOnly",)),
                Response(),
            ),
            f"{SHOP}/logout": Response(set_cookies=(b"session=; Max-Age=0",)),
        },
        private=frozenset({"private"}),
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/", "private"),
            Go(f"{SHOP}/account"),
            Go(f"{SHOP}/account", "private"),
            Go(f"{SHOP}/logout", "private"),
            Go(f"{SHOP}/end"),
            Go(f"{SHOP}/end", "private"),
        ),
    ),
    Scenario(
        name="flash-message",
        promise="A message for the next page only, over a redirect, a reload and a second form.",
        group="journey",
        responses={
            f"{SHOP}/save": Response(
                status=303, location="/list", set_cookies=(b"flash=saved; Path=/",)
            ),
            f"{SHOP}/list": Response(set_cookies=(b"flash=; Path=/; Max-Age=0",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Leave(form(f"{SHOP}/save")),
            Reload(),
            Leave(form(f"{SHOP}/save")),
            Leave(link(f"{SHOP}/")),
        ),
    ),
    Scenario(
        name="consent-given",
        promise="A banner's script notes consent; from then on statistics set their cookies.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"session=1; HttpOnly",)),
            f"{SHOP}/consent": Response(
                status=204, set_cookies=(b"consent_id=1; Path=/; Max-Age=31536000; Secure",)
            ),
            f"{STATS}/collect": Response(
                set_cookies=(b"uid=1; Path=/; Secure; SameSite=None; Max-Age=31536000",)
            ),
            f"{SHOP}/next": Response(
                set_cookies=(b"_first=1; Path=/; Max-Age=63072000",),
                body=page(image(f"{STATS}/collect")),
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(
                "document.cookie = 'consent=all; Path=/; Max-Age=31536000';"
                "fetch('/consent', {method: 'POST'}).then(r => r.text())"
            ),
            Leave(link(f"{SHOP}/next")),
            Leave(link(f"{SHOP}/next")),
            Go(f"{NEWS}/"),
            Act(fetch(f"{STATS}/collect", mode="no-cors", credentials="include")),
        ),
        by_script=frozenset({"consent"}),
    ),
    Scenario(
        name="consent-withdrawn",
        promise="The server deletes what statistics left, on each domain that they may have used.",
        group="journey",
        responses={
            f"{WWW}/": Response(
                set_cookies=(
                    b"_ga=1; Path=/; Domain=shop.test; Max-Age=63072000",
                    b"_gid=1; Path=/; Max-Age=86400",
                    b"_fbp=1; Path=/; Domain=.www.shop.test",
                    b"ok=1",
                )
            ),
            f"{WWW}/refuse": Response(
                status=303,
                location="/",
                set_cookies=tuple(
                    b"%s=; Path=/; Max-Age=0%s" % (name, domain)
                    for name in (b"_ga", b"_gid", b"_fbp")
                    for domain in (b"", b"; Domain=shop.test", b"; Domain=.www.shop.test")
                ),
            ),
        },
        steps=(Go(f"{WWW}/"), Leave(form(f"{WWW}/refuse")), Go(f"{WWW}/end"), Go(f"{SHOP}/end")),
    ),
    Scenario(
        name="locale-by-script",
        promise="A script stores the language; the server takes it over at the next request.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"lang=en; Path=/; Max-Age=31536000",)),
            f"{SHOP}/de/": Response(
                set_cookies=(b"lang=de; Path=/; Max-Age=31536000", b"region=at; Path=/de")
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act("document.cookie = 'lang=de; Path=/; Max-Age=31536000'"),
            Go(f"{SHOP}/redirect"),
            Leave(link(f"{SHOP}/de/")),
            Leave(link(f"{SHOP}/de/shop")),
            Leave(link(f"{SHOP}/end")),
        ),
        by_script=frozenset({"lang"}),
    ),
    Scenario(
        name="split-test",
        promise="A variant chosen by the first response, and kept by all that come together.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(b"variant=b; Max-Age=2592000; Domain=shop.test",),
                body=page(image(f"{WWW}/banner"), image(f"{API}/banner")),
            ),
            f"{WWW}/banner": Response(set_cookies=(b"shown=1; Max-Age=60",)),
            f"{API}/banner": Response(set_cookies=(b"shown=1; Max-Age=60; Domain=shop.test",)),
        },
        steps=(Go(f"{SHOP}/"), Reload(), Go(f"{WWW}/"), Go(f"{API}/")),
    ),
)
