"""Stories for the lesson page: a rich one of any length, and a hostile one."""

from __future__ import annotations

from cookietrace import events as ev
from cookietrace.lesson.table import Table
from tests.lesson.visits import CLICK, WITHIN, Visit, story_of
from tests.story import START, Story

SHOP_SOURCE = '''@shop.get("/cart")
def cart() -> Response:
    """Show the cart, and count the visits to it."""
    session = request.cookies.get("session")
    visits = int(request.cookies.get("visits", "0"))
    items = load_items(session)
    response = make_response(render_template("cart.html", items=items))
    # One more visit to this page.
    response.set_cookie("visits", str(visits + 1), max_age=86400)
    if session is None:
        response.set_cookie("session", new_session(), httponly=True, samesite="Lax")
    return response
'''

BASE = "https://shop.test"


def _cart(story: Story, exchange_id: str, visits: int, session: str | None) -> ev.Server:
    lines = (23, 24, 25, 26, 28, 29, *((30,) if session is None else ()), 31)
    return ev.Server(
        exchange_id=exchange_id,
        at=story.now,
        function="cart",
        file="shop/views.py",
        first_line=20,
        source=SHOP_SOURCE,
        lines=lines,
        reads=(
            ev.CookieRead(name="session", value=session, where="view", line=23),
            ev.CookieRead(
                name="visits", value=str(visits) if visits else None, where="view", line=24
            ),
        ),
        writes=(ev.CookieWrite(name="visits", value=str(visits + 1), where="view", line=28),),
        locals=(
            ev.Local(name="session", value=repr(session), line=23, text=session),
            ev.Local(name="visits", value=str(visits), line=24),
            ev.Local(name="items", value="[Item('tea', 3), Item('milk', 1)]", line=25),
            ev.Local(name="response", value="<Response 1834 bytes [200 OK]>", line=26),
        ),
    )


def rich_story(steps: int) -> Story:
    """Three hosts, a witness, a counter that changes every visit, refusals, withheld cookies."""
    story = Story(BASE, user_agent=None)
    visits, session = 0, "s3cr3t-session-value-0001"
    while len(Table(story.trace())) < steps:
        jar = f"session={session}; theme=dark; visits={visits}" if visits else None
        exchange_id = story.ask("/cart", jar)
        given = [f"visits={visits + 1}; Max-Age=86400; Path=/"]
        if not visits:
            given += [
                f"session={session}; HttpOnly; SameSite=Lax; Path=/; Secure",
                "theme=dark; Max-Age=31536000; Path=/",
            ]
        if visits % 6 == 5:
            given.append("__Host-id=1; Path=/; Domain=shop.test; Secure")
        witness = _cart(story, exchange_id, visits, session if visits else None)
        story.respond(exchange_id, *given, body="Your cart: tea, milk", server=witness)
        visits += 1
        if visits % 4 == 0:
            image = story.ask(
                "https://cdn.test/logo.png",
                f"seen={visits}" if visits > 4 else None,
                headers=WITHIN,
            )
            story.respond(image, f"seen={visits + 4}; SameSite=None; Secure", body=None)
        if visits % 5 == 0:
            story.ask("/api/orders", None, method="POST", headers=CLICK)
    return story


def sign_in_story() -> Story:
    """Return two problems: a state lost on the way back, and a deletion that misses."""
    return story_of(
        Visit(
            "/login",
            sets=("oauth_state=s1; SameSite=Lax; Secure; HttpOnly; Path=/", "theme=dark; Path=/"),
            status=302,
            location="https://idp.test/authorize",
        ),
        Visit("https://idp.test/authorize"),
        Visit(
            "/callback",
            method="POST",
            headers=CLICK,
            status=403,
            body="state does not match",
            reads=(("oauth_state", None),),
        ),
        Visit(
            "/logout",
            cookie="oauth_state=s1; theme=dark",
            sets=("theme=; Path=/logout; Max-Age=0",),
        ),
        Visit("/", cookie="oauth_state=s1; theme=dark", reads=(("theme", "dark"),)),
    )


PAYLOADS = (
    "<script>document.title='ran'</script>",
    "</script><script>document.title='ran'</script>",
    "<img src=x onerror=document.title='ran'>",
    "\"' onmouseover=document.title='ran' x=\"",
    "</style><style>*{display:none}</style>",
    "-->{{7*7}}${7*7}<svg onload=document.title='ran'>",
    "javascript:document.title='ran'",
    "\u202egnp.exe\u2066\u200b\u2028\u2029\x00\x1b[31m",
)
"""Markup, script, template and bidirectional tricks."""


def hostile_story() -> Story:
    """Put each payload into every field that comes from a browser, a server or its code."""
    story = Story("http://shop.test", user_agent=PAYLOADS[0])
    for payload in PAYLOADS:
        wire = payload.encode().decode("latin-1").replace(";", ",")
        flat = wire.replace("\r", "").replace("\n", "")
        exchange_id = story.ask(
            f"/{flat}",
            f"{flat}={flat}; user={flat}",
            method=flat.replace(" ", ""),
            headers=(("Sec-Fetch-Site", flat), ("X-" + flat, flat)),
        )
        server = ev.Server(
            exchange_id=exchange_id,
            at=START,
            function=payload,
            file=payload,
            first_line=1,
            source=f"{payload}\n{payload}\n",
            lines=(1, 2),
            reads=(
                ev.CookieRead(name=payload, value=payload, where=payload, line=1),
                ev.CookieRead(name="user", value=payload, where="view", line=None),
            ),
            writes=(ev.CookieWrite(name=payload, value=payload, where=payload, line=2),),
            locals=(ev.Local(name=payload, value=payload, line=1, text=payload),),
            error=ev.ServerError(kind=payload, message=payload, line=2),
        )
        story.respond(
            exchange_id,
            f"{flat}={flat}, Path=/{flat}",
            f"user={flat}; Path=/",
            f"bad={flat}; Domain={flat}",
            f"__Host-{flat}={flat}; Path=/{flat}",
            body=payload,
            server=server,
        )
        failed = story.ask("/down", None)
        story.events.append(
            ev.Failure(
                exchange_id=failed,
                client_id="c1",
                at=story.now,
                host=flat,
                kind="connect",
                message=payload,
            )
        )
    story.events.append(ev.Recorder(at=story.now, state="gap", message=PAYLOADS[0]))
    return story
