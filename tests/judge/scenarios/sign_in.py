"""Journeys: the ways in which people sign in, over one site and over several."""

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
from tests.judge.scenarios.journeys import on_load

APP = "https://app.test"
LOGIN = "https://login.test"
IDP = "https://id.test"
SHOP = "https://shop.test"
WWW = "https://www.shop.test"
API = "https://api.shop.test"
ACCOUNT = "https://account.shop.test"
MAIL = "https://mail.test"
BANK = "https://bank.test"

SESSION = b"session=s1; Path=/; HttpOnly; Secure; SameSite=Lax"
FLOW = (
    b"state=1; Path=/; HttpOnly; Secure; SameSite=None; Max-Age=600",
    b"nonce=1; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600",
    b"verifier=1; Path=/; HttpOnly; Secure; Max-Age=600",
    b"guard=1; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=600",
)
"""What an app keeps while the user is away to sign in, with each SameSite."""
FLOW_ENDS = tuple(
    b"%s=; Path=/; HttpOnly; Secure; Max-Age=0" % name
    for name in (b"state", b"nonce", b"verifier", b"guard")
)

SCENARIOS = (
    Scenario(
        name="sign-in-form-post",
        promise="OpenID Connect with form_post: the code comes back by a cross-site POST.",
        group="journey",
        responses={
            f"{APP}/": Response(set_cookies=(b"visit=1",)),
            f"{APP}/login": Response(status=302, location=f"{LOGIN}/authorize", set_cookies=FLOW),
            f"{LOGIN}/authorize": Response(set_cookies=(b"flow=1; Secure; SameSite=None",)),
            f"{LOGIN}/password": Response(
                set_cookies=(b"sso=1; Path=/; HttpOnly; Secure; SameSite=None",),
                body=page(on_load(form(f"{APP}/callback"))),
            ),
            f"{APP}/callback": Response(
                status=303, location="/home", set_cookies=(SESSION, *FLOW_ENDS)
            ),
        },
        steps=(
            Go(f"{APP}/"),
            Leave(link(f"{APP}/login")),
            Leave(form(f"{LOGIN}/password"), until=f"{APP}/home"),
            Go(f"{APP}/account"),
            Go(f"{LOGIN}/end"),
        ),
    ),
    Scenario(
        name="sign-in-three-sites",
        promise="An app, its login service and an identity provider, all by redirects.",
        group="journey",
        responses={
            f"{APP}/login": Response(status=302, location=f"{LOGIN}/authorize", set_cookies=FLOW),
            f"{LOGIN}/authorize": Response(
                status=302, location=f"{IDP}/sso", set_cookies=(b"broker=1; Secure", *FLOW)
            ),
            f"{IDP}/sso": Response(set_cookies=(b"csrf=1; SameSite=Strict; Secure",)),
            f"{IDP}/auth": Response(
                status=302,
                location=f"{LOGIN}/callback",
                set_cookies=(b"idp=1; Path=/; Secure; HttpOnly",),
            ),
            f"{LOGIN}/callback": Response(
                status=302, location=f"{APP}/callback", set_cookies=(b"sso=1; Path=/; Secure",)
            ),
            f"{APP}/callback": Response(
                status=303, location="/home", set_cookies=(SESSION, *FLOW_ENDS)
            ),
        },
        steps=(
            Go(f"{APP}/"),
            Leave(link(f"{APP}/login")),
            Leave(form(f"{IDP}/auth")),
            Leave(link(f"{APP}/account")),
            Go(f"{LOGIN}/end"),
            Go(f"{IDP}/end"),
        ),
    ),
    Scenario(
        name="sign-in-again-silently",
        promise="A second app of the same login service: signed in without a page in between.",
        group="journey",
        responses={
            f"{LOGIN}/": Response(
                set_cookies=(b"sso=1; Path=/; Secure; SameSite=None", b"device=1; SameSite=Strict")
            ),
            f"{APP}/login": Response(status=302, location=f"{LOGIN}/authorize", set_cookies=FLOW),
            f"{LOGIN}/authorize": Response(status=302, location=f"{APP}/callback"),
            f"{APP}/callback": Response(status=302, location="/home", set_cookies=(SESSION,)),
        },
        steps=(
            Go(f"{LOGIN}/"),
            Go(f"{APP}/"),
            Leave(link(f"{APP}/login")),
            Leave(form(f"{APP}/login")),
            Go(f"{APP}/end"),
        ),
    ),
    Scenario(
        name="sign-in-saml",
        promise="SAML by POST in both directions: the app's own Lax cookie stays behind.",
        group="journey",
        responses={
            f"{APP}/login": Response(
                set_cookies=(
                    b"relay=1; Path=/; Secure; SameSite=Lax",
                    b"request=1; Path=/; Secure",
                    b"shared=1; Path=/; Secure; SameSite=None",
                ),
                body=page(on_load(form(f"{IDP}/saml"))),
            ),
            f"{IDP}/saml": Response(
                set_cookies=(b"idp=1; Path=/; Secure", b"track=1; Path=/; Secure; SameSite=None"),
                body=page(on_load(form(f"{APP}/acs"))),
            ),
            f"{APP}/acs": Response(status=302, location="/home", set_cookies=(SESSION,)),
        },
        steps=(
            Go(f"{APP}/"),
            Leave(link(f"{APP}/login"), until=f"{APP}/home"),
            Go(f"{APP}/end"),
            Go(f"{IDP}/end"),
        ),
    ),
    Scenario(
        name="sign-in-popup",
        promise="A window that an app opens to sign in, and that comes back to the app.",
        group="journey",
        responses={
            f"{APP}/": Response(set_cookies=FLOW),
            f"{APP}/popup": Response(status=302, location=f"{IDP}/sso"),
            f"{IDP}/sso": Response(
                set_cookies=(b"idp=1; Path=/; Secure",),
                body=page(on_load(f"location = '{APP}/callback'")),
            ),
            f"{APP}/callback": Response(
                set_cookies=(SESSION,),
                body=page(on_load("if (window.opener) opener.signedIn = true")),
            ),
        },
        steps=(
            Go(f"{APP}/"),
            Act("void window.open('/popup', 'login')", until=f"{APP}/callback"),
            Act(fetch(f"{APP}/api")),
            Go(f"{APP}/end"),
        ),
    ),
    Scenario(
        name="sign-in-over-subdomains",
        promise="One sign-in for all hosts of a domain, and a session that one host keeps.",
        group="journey",
        responses={
            f"{WWW}/": Response(set_cookies=(b"basket=1",)),
            f"{WWW}/login": Response(status=302, location=f"{ACCOUNT}/login"),
            f"{ACCOUNT}/session": Response(
                status=303,
                location=f"{WWW}/home",
                set_cookies=(
                    b"sso=1; Domain=shop.test; Path=/; Secure; HttpOnly",
                    b"__Host-account=1; Path=/; Secure; HttpOnly",
                    b"wrong=1; Domain=www.shop.test; Path=/",
                ),
            ),
            f"{WWW}/home": Response(body=page(image(f"{API}/avatar"), image(f"{SHOP}/logo"))),
        },
        steps=(
            Go(f"{WWW}/"),
            Leave(link(f"{WWW}/login")),
            Leave(form(f"{ACCOUNT}/session")),
            Act(fetch(f"{API}/me", credentials="include")),
            Go(f"{ACCOUNT}/profile"),
        ),
    ),
    Scenario(
        name="sign-in-rotates-session",
        promise="The session from before the sign-in is replaced, also the one on another path.",
        group="journey",
        responses={
            f"{SHOP}/": Response(set_cookies=(b"session=guest; Path=/; HttpOnly",)),
            f"{SHOP}/account/login": (
                Response(set_cookies=(b"session=form; HttpOnly", b"csrf=1")),
                Response(
                    status=303,
                    location="/account/",
                    set_cookies=(b"session=user; Path=/; HttpOnly; Secure", b"csrf=2"),
                ),
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/account/login"),
            Leave(form(f"{SHOP}/account/login")),
            Leave(link(f"{SHOP}/basket")),
            Go(f"{SHOP}/account/orders"),
        ),
    ),
    Scenario(
        name="remember-me",
        promise="The session ends; the remembered token brings a new session and a new token.",
        group="journey",
        responses={
            f"{SHOP}/login": Response(
                status=303,
                location="/home",
                set_cookies=(
                    b"session=1; Path=/; HttpOnly; Secure",
                    b"remember=1; Path=/; HttpOnly; Secure; Max-Age=2592000",
                ),
            ),
            f"{SHOP}/expire": Response(set_cookies=(b"session=; Path=/; Max-Age=0",)),
            f"{SHOP}/orders": (
                Response(
                    status=302,
                    location="/orders",
                    set_cookies=(
                        b"session=2; Path=/; HttpOnly; Secure",
                        b"remember=2; Path=/; HttpOnly; Secure; Max-Age=2592000",
                    ),
                ),
                Response(set_cookies=(b"remember=2; Path=/; HttpOnly; Secure; Max-Age=2592000",)),
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Leave(form(f"{SHOP}/login")),
            Act(fetch(f"{SHOP}/expire")),
            Go(f"{SHOP}/orders"),
            Reload(),
        ),
    ),
    Scenario(
        name="cart-merged-at-login",
        promise="The guest's cart is merged into the user's, and its cookie deleted.",
        group="journey",
        responses={
            f"{WWW}/": Response(
                set_cookies=(b"cart=guest; Path=/; Domain=shop.test; Max-Age=86400",)
            ),
            f"{WWW}/add": Response(
                status=204, set_cookies=(b"cart_count=1; Path=/; Domain=shop.test",)
            ),
            f"{WWW}/login": Response(
                status=303,
                location="/cart",
                set_cookies=(
                    b"cart=; Path=/; Max-Age=0",
                    b"cart=; Path=/; Domain=.shop.test; Max-Age=0",
                    b"cart=user; Path=/; HttpOnly",
                    b"cart_count=3; Path=/; Domain=shop.test",
                    SESSION,
                ),
            ),
        },
        steps=(
            Go(f"{WWW}/"),
            Act(fetch(f"{WWW}/add", method="POST")),
            Leave(form(f"{WWW}/login")),
            Go(f"{SHOP}/"),
            Go(f"{WWW}/end"),
        ),
    ),
    Scenario(
        name="csrf-double-submit",
        promise="A token in a cookie that scripts can read, and in a header beside it.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(SESSION, b"csrf=t1; Path=/; Secure; SameSite=Strict")
            ),
            f"{SHOP}/api": Response(set_cookies=(b"csrf=t2; Path=/; Secure; SameSite=Strict",)),
            f"{API}/api": Response(
                set_cookies=(b"csrf=t3; Path=/; Secure; SameSite=Strict; Domain=shop.test",)
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(
                "fetch('/api', {method: 'POST', headers: {'x-judge':"
                " document.cookie.split('csrf=')[1].split(';')[0]}}).then(r => r.text())"
            ),
            Act(
                f"fetch('{API}/api', {{method: 'PUT', credentials: 'include',"
                " headers: {'x-judge': '1'}}).then(r => r.text())"
            ),
            Go(f"{SHOP}/end"),
            Go("https://evil.test/"),
            Leave(form(f"{SHOP}/api")),
        ),
    ),
    Scenario(
        name="unauthorised",
        promise="An API that says 401 and sets a cookie, a sign-in, and the same request again.",
        group="journey",
        responses={
            f"{SHOP}/api": (
                Response(
                    status=401,
                    headers=(b"WWW-Authenticate: Bearer",),
                    set_cookies=(b"next=1; Path=/; Max-Age=300",),
                ),
                Response(set_cookies=(b"next=; Path=/; Max-Age=0",)),
            ),
            f"{SHOP}/login": Response(status=200, set_cookies=(SESSION,)),
            f"{SHOP}/admin": Response(
                status=403, set_cookies=(b"denied=1; Path=/admin; HttpOnly",), body=page("no")
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Act(fetch(f"{SHOP}/api")),
            Act(fetch(f"{SHOP}/login", method="POST")),
            Act(fetch(f"{SHOP}/api")),
            Go(f"{SHOP}/admin"),
            Reload(),
        ),
    ),
    Scenario(
        name="silent-renewal",
        promise="A hidden frame renews the session with the login service, over redirects.",
        group="journey",
        responses={
            f"{LOGIN}/": Response(
                set_cookies=(
                    b"sso=1; Path=/; Secure; SameSite=None",
                    b"lax=1; Path=/; Secure; SameSite=Lax",
                )
            ),
            f"{APP}/": Response(set_cookies=(SESSION,)),
            f"{APP}/page": Response(body=page(frame(f"{LOGIN}/authorize"))),
            f"{LOGIN}/authorize": Response(
                status=302,
                location=f"{APP}/renewed",
                set_cookies=(b"sso=2; Path=/; Secure; SameSite=None",),
            ),
            f"{APP}/renewed": Response(
                set_cookies=(
                    b"session=s2; Path=/; HttpOnly; Secure; SameSite=Lax",
                    b"frame=1; Path=/; Secure; SameSite=None",
                )
            ),
        },
        steps=(
            Go(f"{LOGIN}/"),
            Go(f"{APP}/"),
            Go(f"{APP}/page"),
            Go(f"{APP}/end"),
            Go(f"{LOGIN}/end"),
        ),
    ),
    Scenario(
        name="link-from-mail",
        promise="A link in a mail: a Strict session is absent on arrival, and there a page later.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(
                    b"session=1; Path=/; SameSite=Strict; Secure",
                    b"seen=1; Path=/; SameSite=Lax",
                )
            ),
            f"{MAIL}/track": Response(status=302, location=f"{SHOP}/offer?id=1"),
            f"{SHOP}/offer?id=1": Response(
                set_cookies=(b"offer=1; Path=/; SameSite=Strict",),
                body='<meta http-equiv="refresh" content="0;url=/offer">',
            ),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{MAIL}/"),
            Leave(link(f"{MAIL}/track"), until=f"{SHOP}/offer"),
            Leave(link(f"{SHOP}/buy")),
            Go(f"{SHOP}/end"),
        ),
    ),
    Scenario(
        name="card-payment",
        promise="The bank's page in a frame posts back to the shop, then into the top window.",
        group="journey",
        responses={
            f"{SHOP}/": Response(
                set_cookies=(SESSION, b"cart=1; Path=/; Secure; SameSite=None", b"young=1; Path=/")
            ),
            f"{SHOP}/pay": Response(body=page(frame(f"{BANK}/challenge"))),
            f"{BANK}/challenge": Response(
                set_cookies=(b"bank=1; Path=/; Secure; SameSite=None",),
                body=page(on_load(form(f"{SHOP}/method"))),
            ),
            f"{SHOP}/method": Response(
                set_cookies=(b"method=1; Path=/; Secure; SameSite=None", b"lost=1; Path=/")
            ),
            f"{BANK}/confirm": Response(body=page(on_load(form(f"{SHOP}/paid")))),
            f"{SHOP}/paid": Response(status=303, location="/receipt", set_cookies=(b"paid=1",)),
        },
        steps=(
            Go(f"{SHOP}/"),
            Go(f"{SHOP}/pay", until=f"{SHOP}/method"),
            Leave(form(f"{BANK}/confirm"), until=f"{SHOP}/receipt"),
            Go(f"{SHOP}/end"),
        ),
    ),
)
