"""How a user plays each lesson: the links, buttons and forms of its page, one after another."""

from __future__ import annotations

import json
import re
from functools import cache
from threading import Event

from demo_app import create_app
from demo_app.lessons.refusals import PATH as REFUSED
from demo_app.lessons.refusals import REFUSALS
from tests.judge.browser import Window
from tests.processes import wait_until

READING = 1.5
"""Seconds that a user takes to read a result.

A request that starts sooner after a response may have left before the response arrived.
"""


def follow(window: Window, *links: str, within: str = "main") -> None:
    """Follow links by their text, each on the page that the previous one led to."""
    for link in links:
        window.leave(f"{_links(within)}.find(a => a.innerText.trim() === {_text(link)}).click()")
        window.settle()


def press(window: Window, button: str) -> None:
    """Press a form's button, and wait for the page it leads to."""
    window.leave(f"document.querySelector({_text(button)}).click()")
    window.settle()


def back(window: Window) -> None:
    """Press the browser's back button, for a page without a link back."""
    window.back()
    window.settle()


def ask(window: Window, button: str, output: str) -> None:
    """Press a button that makes a script fetch, and wait until the page shows the result."""
    window.act(f"document.querySelector({_text(output)}).textContent = 'requested'")
    window.act(f"document.querySelector({_text(button)}).click()")
    _until(window, output, "text !== 'requested'")
    window.settle()


def read(window: Window, output: str, says: str) -> None:
    """Wait until an element of the page has that text."""
    _until(window, output, f"text === {_text(says)}")


def _until(window: Window, output: str, condition: str) -> None:
    """Wait until a condition on the ``text`` of an element holds."""
    window.act(
        f"""new Promise(done => {{
            const output = document.querySelector({_text(output)});
            const look = () => {{
                const text = output.textContent.trim();
                if ({condition}) done();
            }};
            new MutationObserver(look).observe(output, {{childList: true}});
            look();
        }})"""
    )


def choose(window: Window, lesson: str) -> None:
    """Open the index of the lessons, and choose one."""
    window.go("http://shop.test/lessons")
    window.leave(f"{_links('main')}.find(a => a.innerText.includes({_text(lesson)})).click()")
    window.settle()


def _links(within: str) -> str:
    return f"[...document.querySelectorAll({_text(within + ' a')})]"


def _text(text: str) -> str:
    """Return a text as a script writes it."""
    return json.dumps(text)


def greeting(window: Window) -> None:
    """Greeted twice, then quietly, then renamed, then forgotten."""
    choose(window, "Hello, cookie")
    for link in (
        "Visit /",
        "Visit /",
        "Visit a view that sets nothing",
        "Let the server change it to Bob",
        "Visit a view that sets nothing",
        "Let the server delete it",
    ):
        follow(window, link)
        back(window)
    follow(window, "Visit a view that sets nothing")


def sign_in(window: Window) -> None:
    """Sign in by hand and with Flask's session, then out of both."""
    choose(window, "Signing in and out")
    press(window, "form[action$='/in'] button")
    read(window, "[data-document-cookie]", "nickname=Alice")
    press(window, "form[action$='/flask-in'] button")
    press(window, "form[action$='/out'] button")
    press(window, "form[action$='/flask-out'] button")


def lifetimes(window: Window) -> None:
    """Short and long lives, a deletion that misses and one that hits, and ten seconds gone."""
    choose(window, "Lifetimes")
    follow(window, "Ten seconds", "Look again", "Until the browser closes", "A year", "Ten years")
    follow(window, "Expires=tomorrow", "Delete the one-year cookie, wrongly", "and correctly")
    wait_until(
        lambda: "brief" not in {cookie.name for cookie in window.cookies()},
        "ten seconds have passed",
    )
    follow(window, "Look again", "Max-Age and Expires disagree")


def scope(window: Window) -> None:
    """One name on three paths, then on two domains, seen from every host."""
    window.go("http://www.shop.test/lessons/scope")
    follow(window, "Set shade for three paths", "Visit …/scope/deep", "…/scope-nearby", "…/scope")
    follow(
        window, "Set place for this host", "Set it for all of shop.test", "Set it without a Path"
    )
    follow(window, "shop.test", "api.shop.test", "ads.test", "www.shop.test", "Delete them all")


def same_site_over_http(window: Window) -> None:
    """One cookie of each kind over http, where the one that says None is refused."""
    _reach_over(window, "http")


def same_site_over_https(window: Window) -> None:
    """One cookie of each kind over https, where all four are kept."""
    _reach_over(window, "https")


def _reach_over(window: Window, scheme: str) -> None:
    """From ads.test to shop.test: an image and a frame, a link, a form, a script."""
    window.go(f"{scheme}://shop.test/lessons/same-site")
    follow(window, "Set the four cookies", "Go to ads.test", "A link")
    back(window)
    press(window, "form[action$='/arrive'] button")
    back(window)
    ask(window, "[data-credentials='include']", "#result")
    ask(window, "[data-credentials='omit']", "#result")
    follow(window, "Back to the lesson", "Delete them")


def third_party(window: Window) -> None:
    """The widget twice, then its own site in the address bar, then the widget again."""
    window.go("https://shop.test/lessons/third-party")
    window.settle()
    follow(window, "Load it again", "Visit ads.test itself", "Back to shop.test")
    follow(window, "Delete account and tracker")


def credentials(window: Window) -> None:
    """A script of shop.test asks another host without credentials, with them, and its own."""
    window.go("https://shop.test/lessons/credentials")
    for name in ("silent", "included", "own"):
        ask(window, f"[data-output='{name}']", f"#{name}")
        Event().wait(READING)
        follow(window, "Look again")
    follow(window, "Delete them")


def refused(window: Window) -> None:
    """Every refusal on the page, over the first scheme that it offers, and each fixed."""
    window.go("http://shop.test/lessons/refused")
    for code in REFUSALS:
        for link in _refusal_links(code):
            follow(window, link, within=f"section#{code}")
            window.leave(f"{_links('main')}.find(a => a.innerText.startsWith('Back')).click()")
            window.settle()


@cache
def _refused_page() -> str:
    page = create_app().test_client().get(REFUSED, headers={"Host": "shop.test"})
    return page.text


def _refusal_links(code: str) -> list[str]:
    """Return the links of one refusal to follow: all but the one to its other scheme."""
    section = re.search(f'<section[^>]* id="{code}".*?</section>', _refused_page(), re.DOTALL)
    assert section is not None
    links = re.findall(r"<a [^>]*>(.*?)</a>", section[0], re.DOTALL)
    return [link for link in links if link != "over https"]
