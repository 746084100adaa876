"""How a user plays each lesson: the links, buttons and forms of its page, one after another."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from demo_app.lessons.refusals import REFUSALS
from tests.processes import wait_until


def follow(page: Page, *links: str, within: str = "main") -> None:
    """Click links by their text, each on the page that the previous one led to."""
    for link in links:
        with page.expect_navigation():
            page.locator(within).get_by_role("link", name=link, exact=True).first.click()


def press(page: Page, button: str) -> None:
    """Press a form's button, and wait for the page it leads to."""
    with page.expect_navigation():
        page.locator(button).click()


def back(page: Page) -> None:
    """Press the browser's back button, for a page without a link back."""
    page.go_back()


def choose(page: Page, lesson: str) -> None:
    """Open the index of the lessons, and choose one."""
    page.goto("http://shop.test/lessons")
    with page.expect_navigation():
        page.locator("main a", has_text=lesson).first.click()


def greeting(page: Page) -> None:
    """Greeted twice, then quietly, then renamed, then forgotten."""
    choose(page, "Hello, cookie")
    for link in (
        "Visit /",
        "Visit /",
        "Visit a view that sets nothing",
        "Let the server change it to Bob",
        "Visit a view that sets nothing",
        "Let the server delete it",
    ):
        follow(page, link)
        back(page)
    follow(page, "Visit a view that sets nothing")


def sign_in(page: Page) -> None:
    """Sign in by hand and with Flask's session, then out of both."""
    choose(page, "Signing in and out")
    press(page, "form[action$='/in'] button")
    expect(page.locator("[data-document-cookie]")).to_have_text("nickname=Alice")
    press(page, "form[action$='/flask-in'] button")
    press(page, "form[action$='/out'] button")
    press(page, "form[action$='/flask-out'] button")


def lifetimes(page: Page) -> None:
    """Short and long lives, a deletion that misses and one that hits, and ten seconds gone."""
    choose(page, "Lifetimes")
    follow(page, "Ten seconds", "Look again", "Until the browser closes", "A year", "Ten years")
    follow(page, "Expires=tomorrow", "Delete the one-year cookie, wrongly", "and correctly")
    wait_until(
        lambda: "brief" not in {cookie.get("name") for cookie in page.context.cookies()},
        "ten seconds have passed",
    )
    follow(page, "Look again", "Max-Age and Expires disagree")


def scope(page: Page) -> None:
    """One name on three paths, then on two domains, seen from every host."""
    page.goto("http://www.shop.test/lessons/scope")
    follow(page, "Set shade for three paths", "Visit …/scope/deep", "…/scope-nearby", "…/scope")
    follow(page, "Set place for this host", "Set it for all of shop.test", "Set it without a Path")
    follow(page, "shop.test", "api.shop.test", "ads.test", "www.shop.test", "Delete them all")


def same_site_over_http(page: Page) -> None:
    """One cookie of each kind over http, where the one that says None is refused."""
    _reach_over(page, "http", came="(nothing)")


def same_site_over_https(page: Page) -> None:
    """One cookie of each kind over https, where all four are kept."""
    _reach_over(page, "https", came="none")


def _reach_over(page: Page, scheme: str, came: str) -> None:
    """From ads.test to shop.test: a picture and a frame, a link, a form, a script."""
    page.goto(f"{scheme}://shop.test/lessons/same-site")
    follow(page, "Set the four cookies", "Go to ads.test", "A link")
    back(page)
    press(page, "form[action$='/arrive'] button")
    back(page)
    reply = page.locator("#result")
    page.locator("[data-credentials='include']").click()
    expect(reply).to_have_text(came)
    with page.expect_response("**/data") as response:
        page.locator("[data-credentials='omit']").click()
    response.value.finished()
    expect(reply).to_have_text("(nothing)")
    follow(page, "Back to the lesson", "Delete them")


def refused(page: Page) -> None:
    """Every refusal on the page, over the first scheme that it offers, and each fixed."""
    page.goto("http://shop.test/lessons/refused")
    for code in REFUSALS:
        section = f"section#{code}"
        links = page.locator(section).get_by_role("link").all_inner_texts()
        for link in (link for link in links if link != "over https"):
            follow(page, link, within=section)
            with page.expect_navigation():
                page.get_by_role("link", name="Back").first.click()
