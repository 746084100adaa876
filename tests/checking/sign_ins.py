"""A capture with one problem and one warning, whose cookie values are secret."""

from __future__ import annotations

import msgspec

from cookietrace import events as ev
from tests.story import Story

SECRET = "s3cr3t-state-of-the-sign-in"
CART = "s3cr3t-of-the-cart"
BACK_FROM_ELSEWHERE = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Origin", "https://idp.test"),
)
BY_SCRIPT = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)
FILE = "views/auth.py"


def report_of(exchange_id: str, at: float, *writes: ev.CookieWrite) -> ev.Server:
    """What the witness saw in a view of ``FILE``."""
    return ev.Server(
        exchange_id=exchange_id,
        at=at,
        function="sign_in",
        file=FILE,
        first_line=10,
        lines=(11, 12),
        writes=writes,
    )


def broken_sign_in(*, path: str = "/callback", cookie: str = "oauth_state") -> list[ev.Event]:
    """A sign-in that fails: the provider comes back with a POST, without the Lax cookie.

    At last a script asks for the cart without its cookie, for reasons that the wire does not tell.
    """
    story = Story("https://shop.test")
    first = story.ask("/login")
    wrote = ev.CookieWrite(name=cookie, value=SECRET, where="view", line=12)
    story.respond(
        first,
        f"{cookie}={SECRET}; Path=/; Secure; HttpOnly; SameSite=Lax",
        server=report_of(first, story.now, wrote),
    )
    back = story.ask(path, method="POST", headers=BACK_FROM_ELSEWHERE)
    story.respond(back, status=403)
    story.visit(
        "/",
        f"{cookie}={SECRET}",
        f"{cookie}=; Path=/; Max-Age=0; Secure",
        f"cart={CART}; Path=/; Secure; HttpOnly; SameSite=Lax",
    )
    asked = story.ask("/cart", headers=BY_SCRIPT)
    story.respond(asked, status=401)
    return secret(story)


def working_sign_in() -> list[ev.Event]:
    """The same sign-in, once the provider comes back with a link."""
    story = Story("https://shop.test")
    story.visit("/login", None, f"oauth_state={SECRET}; Path=/; Secure; HttpOnly; SameSite=Lax")
    back = story.ask("/callback", f"oauth_state={SECRET}", headers=BACK_FROM_ELSEWHERE)
    story.respond(back)
    return secret(story)


def secret(story: Story) -> list[ev.Event]:
    """The events of a story, in a capture that may hold secrets."""
    first, *others = story.events
    return [msgspec.structs.replace(first, sensitive=True), *others]
