"""Two captures of one journey: the cause comes first, and what merely rotates is no difference."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec
import pytest

from cookietrace.events import Edited, Response
from cookietrace.lesson.changes import align, changes_entry, changes_lines, compare
from cookietrace.trace import Trace
from tests.story import CHROMIUM, TYPED, Story

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
LINE = "sid=abc123; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600"
POSTED = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Referer", "https://idp.example/"),
)
FRAMED = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "iframe"),
    ("Referer", "https://portal.example/"),
)


def journey(
    line: str | None = LINE,
    *,
    base: str = "https://shop.example",
    agent: str = CHROMIUM,
    sent: bool = True,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = TYPED,
    path: str = "/account",
    wait: float = 10,
    user: str = "4711",
) -> Story:
    """A sign-in, a page with an id of its own, and the account."""
    story = Story(base, user_agent=agent)
    story.visit("/")
    login = story.ask("/login", method="POST")
    story.respond(login, *([line] if line is not None else []))
    cookie = None
    if sent and line is not None:
        cookie = line.partition(";")[0]
    story.visit(f"/users/{user}?token={user}")
    account = story.ask(path, cookie, headers=headers, after=wait)
    story.respond(account, status=status if cookie is not None else 302)
    return story


GOOD = journey()
NONE = "sid=abc123; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=3600"


@pytest.mark.parametrize(
    ("good", "bad", "kind", "words"),
    [
        (
            GOOD,
            journey(LINE.replace("; Secure", "").replace("Lax", "None"), sent=False),
            "set",
            "no Secure",
        ),
        (GOOD, journey(None), "set", "not set"),
        (GOOD, journey(LINE.replace("Path=/", "Path=/login"), sent=False), "set", "Path=/login"),
        (GOOD, journey(LINE + "; Domain=example", sent=False), "set", "Domain=example"),
        (GOOD, journey(LINE.replace("3600", "5"), sent=False, wait=20), "set", "lifetime=5 s"),
        (
            GOOD,
            journey(LINE.replace("Lax", "Strict"), sent=False, headers=POSTED),
            "set",
            "SameSite=Strict",
        ),
        (
            journey(base="http://localhost:5000"),
            journey(base="http://localhost:5000", agent="curl/8", sent=False),
            "stored",
            "refused",
        ),
        (
            journey(NONE, headers=FRAMED),
            journey(NONE, headers=FRAMED, agent=FIREFOX, sent=False),
            "sent",
            "withheld",
        ),
        (GOOD, journey(sent=False), "sent", "missing"),
        (GOOD, journey(LINE.replace("; HttpOnly", "")), "set", "no HttpOnly"),
        (GOOD, journey(status=500), "status", "500"),
    ],
    ids=(
        "insecure", "not set", "path", "public suffix", "expired", "strict", "plain http",
        "third party", "script deleted it", "readable", "server error",
    ),
)  # fmt: skip
def test_the_cause_comes_first(good: Story, bad: Story, kind: str, words: str) -> None:
    """Which cookie, which attribute, which request; the rest follows from it."""
    found = compare(good.trace(), bad.trace())
    assert found.differs
    first, *rest = found.divergences
    assert (first.kind, words in first.after.what, first.follows) == (kind, True, None)
    assert all(each.follows is not None for each in rest if each.cookie == first.cookie)


@pytest.mark.parametrize(
    "again",
    [
        journey(LINE.replace("abc123", "xyz789")),
        journey(LINE.replace("3600", "3595"), user="12"),
        journey(wait=600),
        journey(path="/account#top"),
        journey(LINE),
    ],
    ids=("another session", "almost the same lifetime", "slower", "fragment", "the same"),
)
def test_what_rotates_is_no_difference(again: Story) -> None:
    """Values, ids, times and lifetimes that the app computes from a clock."""
    found = compare(GOOD.trace(), again.trace())
    assert (found.divergences, len(found.alignment.pairs)) == ((), 4)


DATED = LINE.replace("Max-Age=3600", "Expires=Sat, 01 Jan 2028 00:00:00 GMT")


def later(story: Story) -> Story:
    """Return a story as told a year later."""
    for at, event in enumerate(story.events):
        moment = getattr(event, "at", None)
        if moment is not None:
            story.events[at] = msgspec.structs.replace(event, at=moment + 365 * 86_400)
    return story


@pytest.mark.parametrize(
    ("good", "bad", "kinds"),
    [
        (journey(DATED), later(journey(DATED)), []),
        (
            journey(DATED, base="http://localhost:5000"),
            journey(DATED, base="http://localhost:5000", agent="curl/8", sent=False),
            ["stored", "sent", "status"],
        ),
        (
            journey(LINE.replace("3600", "90000000")),
            journey(LINE.replace("3600", "90000000"), agent=FIREFOX),
            [],
        ),
    ],
    ids=("a fixed date", "refused in one", "limited by one browser"),
)
def test_the_same_line_is_no_difference(good: Story, bad: Story, kinds: list[str]) -> None:
    """What a browser makes of a lifetime is not said to be what the app wrote."""
    found = compare(good.trace(), bad.trace())
    assert [each.kind for each in found.divergences] == kinds


def test_another_site_s_cookie_of_that_name_is_no_cause() -> None:
    """A difference follows from one of its own site."""
    stories = []
    for line in ("sid=1; Secure", "sid=1"):
        story = Story("https://one.example")
        for host in ("one.example", "two.example"):
            story.respond(story.ask(f"https://{host}/"), line)
        stories.append(story.trace())
    found = compare(stories[0], stories[1])
    assert [(each.kind, each.follows) for each in found.divergences] == [("set", None)] * 2


def test_hosts_can_differ() -> None:
    """A host of the first capture can have another name in the second."""
    other = journey(base="https://staging.test")
    assert not compare(GOOD.trace(), other.trace()).alignment.pairs
    found = compare(GOOD.trace(), other.trace(), {"shop.example": "staging.test"})
    assert (found.divergences, len(found.alignment.pairs)) == ((), 4)


def test_the_report() -> None:
    """It has steps, what each side does, reasons, what follows from it, and the fix."""
    bad = journey(LINE.replace("; Secure", "").replace("Lax", "None"), sent=False)
    before, after = GOOD.trace(), bad.trace()
    lines = list(changes_lines(compare(before, after), width=78, most=20))
    assert lines[0] == "4 requests in both, 0 only in A, 0 only in B."
    assert lines[2] == "First difference, step 2: shop.example/login"
    assert "  'sid' is stored in A and refused in B" in lines
    assert any("SameSite=None without Secure" in line for line in lines)
    assert "    Probably because of the difference in step 2." in lines
    assert "    Probably because of the difference above, in the same step." in lines
    assert [line for line in lines if "Fix:" in line] == [
        "    Fix: Add Secure and serve over https, or use SameSite=Lax if only your own"
    ]
    entry = changes_entry(compare(before, after))
    assert [each["kind"] for each in entry["differences"]] == ["set", "stored", "sent", "status"]
    assert entry["differences"][1]["b"]["reasons"][0]["code"] == "same-site-none-insecure"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("/", "/x", "/y"), None),
        (("/x", "/y", "/"), "The order differs: shop.example/ is step 1 of A and step 3 of B."),
        (("/y", "/x", "/"), "The order differs: shop.example/ is step 1 of A and step 3 of B, and"),
    ],
)
@pytest.mark.parametrize("headers", [TYPED, ()], ids=["browser", "curl"])
def test_another_order_of_pages_is_said(
    asked: tuple[str, ...], said: str | None, headers: tuple[tuple[str, str], ...]
) -> None:
    """It is no difference of its own."""

    def story(asked: tuple[str, ...]) -> Trace:
        told = Story("https://shop.example")
        for path in asked:
            told.respond(told.ask(path, headers=headers))
        return told.trace()

    found = compare(story(("/", "/x", "/y")), story(asked))
    lines = " ".join(changes_lines(found, width=999, most=20))
    assert not found.differs
    assert ("order differs" in lines) is (said is not None)
    assert (said or "") in lines
    moved = changes_entry(found)["moved"]
    assert [each["a"]["url"] for each in moved][:1] == ["https://shop.example/"] * (
        said is not None
    )


def test_what_follows_is_counted() -> None:
    """One cause with many consequences is no long report, unless it is asked for."""

    def story(*, works: bool) -> Trace:
        told = Story("https://shop.example")
        told.visit("/login", None, "sid=1; Secure" if works else "sid=1; Domain=other.test")
        for number in range(9):
            told.visit(f"/page{number}", "sid=1" if works else None)
        return told.trace()

    found = compare(story(works=True), story(works=False))
    count = len(found.divergences)
    assert count > 10
    lines = list(changes_lines(found, width=78, most=20))
    shown = sum(line.startswith(("First", "Then")) for line in lines)
    assert shown < 4
    assert f"and {count - shown} more because of step 1 (--all lists them)" in lines
    everything = list(changes_lines(found, width=78, most=count, folded=False))
    assert sum(line.startswith(("First", "Then")) for line in everything) == count
    assert not any("--all" in line for line in everything)
    short = list(changes_lines(found, width=78, most=1, folded=False))
    assert f"and {count - 1} more differences" in short


@pytest.mark.parametrize("seed", range(20))
def test_an_alignment_is_one(seed: int) -> None:
    """Pairs are equal and in order, nothing is used twice, and equal sequences match whole."""
    random = Random(seed)
    before = [random.choice("abcdefgh" * (1 + seed % 3)) for _ in range(random.randint(0, 60))]
    after = [each for each in before if random.random() > 0.2]
    after.insert(random.randint(0, len(after)), "new")
    found = align(before, after)
    assert all(before[index] == after[place] for index, place in found.pairs)
    for one, other in zip(found.pairs, found.pairs[1:], strict=False):
        assert one[0] < other[0]
        assert one[1] < other[1]
    assert len(found.pairs) + len(found.only_before) == len(before)
    assert len(found.pairs) + len(found.only_after) == len(after)
    assert len(align(before, before).pairs) == len(before)


def test_thousands_of_the_same_question() -> None:
    """A journey that polls is aligned in bounded time."""
    before = ["poll"] * 3000 + ["end"]
    after = ["poll"] * 2900 + ["new", "end"]
    found = align(before, after)
    assert len(found.pairs) == 2901
    assert found.pairs[-1] == (3000, 2901)


def test_a_path_with_a_token() -> None:
    """Only what is steady in a Path counts."""
    one, other = (
        journey(LINE.replace("Path=/", f"Path=/reset/{token}"), sent=False).trace()
        for token in ("4f0c9a1b77de", "redacted-5877d54188")
    )
    assert not compare(one, other).differs


def test_each_side_hides_its_own_values_first() -> None:
    """A value that begins as the other side's does is replaced whole."""
    before, after = GOOD.trace(), journey(LINE.replace("Path=/", "Path=/key1b")).trace()
    outgoing = (
        lambda text: text.replace("key1", "REDACTED"),
        lambda text: text.replace("key1b", "HIDDEN"),
    )
    found = compare(before, after)
    entry = changes_entry(found, outgoing)
    assert "Path=/HIDDEN" in entry["differences"][0]["b"]["what"]
    lines = changes_lines(found, outgoing, width=200, most=20)
    assert "Path=/HIDDEN" in "".join(lines)


def two_clients(order: str, ids: tuple[str, str], *, pages: tuple[str, ...] = ()) -> Story:
    """Two clients ask for the same page in turn, only one of them with a cookie."""
    story = Story("https://shop.example")
    for page in pages:
        story.respond(story.ask(page, client_id=ids[0]))
    for who in order:
        cookie = "sid=1" if who == "m" else None
        story.respond(story.ask("/home", cookie, client_id=ids[who == "m"]))
    return story


@pytest.mark.parametrize(
    ("order", "ids"), [("gmgm", ("c1", "c2")), ("mgmg", ("c1", "c2")), ("ggmm", ("c7", "c3"))]
)
def test_each_client_is_compared_with_its_like(order: str, ids: tuple[str, str]) -> None:
    """Clients whose requests come in another order, or with other ids, are no difference."""
    before = two_clients("gmgm", ("c1", "c2"), pages=("/a", "/b"))
    after = two_clients(order, ids, pages=("/a", "/b"))
    found = compare(before.trace(), after.trace())
    assert found.divergences == ()


def told(*lines: str, cookie: str = "a=1", asked: tuple[str, ...] = ("/", "/x")) -> Story:
    """A response with these lines, and requests that follow it."""
    story = Story("https://shop.example")
    story.respond(story.ask(asked[0]), *lines)
    for path in asked[1:]:
        story.respond(story.ask(path, cookie))
    return story


@pytest.mark.parametrize(
    ("good", "bad", "texts"),
    [
        (
            told("a=1; Path=/", "a=2; Path=/app"),
            told("a=1; Path=/; Secure", "a=2; Path=/app"),
            ["'a' is set with no Secure in A and with Secure in B"],
        ),
        (
            told("a=1; Path=/", "a=2; Path=/app"),
            told("a=2; Path=/app", "a=1; Path=/"),
            [],
        ),
        (
            told("a=1; Path=/", "a=2; Path=/app; Secure"),
            told("a=1; Path=/", "a=2; Path=/docs; Secure"),
            ["'a' is set with Path=/app in A and with Path=/docs in B"],
        ),
        (
            told("a=1; Path=/"),
            told("a=1; Path=/", "a=; Path=/; Max-Age=0"),
            [
                "'a' is set once in A and set 2 times, the last with Path=/, lifetime=expired in B"
            ],
        ),
        (
            told("a=1; Path=/"),
            told("a=1; Path=/", cookie="a=1; a=2"),
            ["'a' is sent once in A and sent 2 times in B"],
        ),
        (told(), told("a=1", "a=2; Path=/app"), ["'a' is not set in A and set in B"]),
    ],
    ids=("one of two", "another order", "moved", "overwritten", "sent twice", "only there"),
)  # fmt: skip
def test_cookies_of_one_name(good: Story, bad: Story, texts: list[str]) -> None:
    """Each of several lines for one name is compared with the line that has its Path and Domain."""
    entry = changes_entry(compare(good.trace(), bad.trace()))
    assert [each["text"] for each in entry["differences"]] == texts


@pytest.mark.parametrize(
    ("asked", "only", "differs"),
    [
        (("/", "/x", "/y"), (0, 1), True),
        (("/",), (1, 0), True),
        (("/", "/x"), (0, 0), False),
    ],
    ids=("one more", "one less", "the same"),
)
def test_requests_that_one_side_lacks(
    asked: tuple[str, ...], only: tuple[int, int], differs: bool
) -> None:
    """They are a difference, and the report and the JSON name them."""
    found = compare(told().trace(), told(asked=asked).trace())
    assert (len(found.only_before), len(found.only_after), found.differs) == (*only, differs)
    lines = list(changes_lines(found, width=78, most=20))
    for name, count, step in zip(
        "AB", only, ("step 2: GET shop.example/x", "step 3: GET shop.example/y"), strict=True
    ):
        assert (f"Only in {name}:" in lines, f"  {step}" in lines) == (count > 0, count > 0)
    entry = changes_entry(found)
    assert [len(entry[f"only_in_{name}"]) for name in "ab"] == list(only)


@pytest.mark.parametrize(
    ("of", "name", "said"),
    [("response", "sid", True), ("response", "other", False), ("request", "sid", False)],
)
def test_what_the_user_changed(of: Literal["request", "response"], name: str, said: bool) -> None:
    """A difference that was made by hand is no work of the app: it is said about the side."""
    bad = journey(LINE.replace("; HttpOnly", ""))
    at = next(
        at
        for at, each in enumerate(bad.events)
        if isinstance(each, Response) and each.exchange_id == "x2"
    )
    bad.events.insert(
        at, Edited(exchange_id="x2", at=bad.now, of=of, name=name, before="", after="")
    )
    [entry] = changes_entry(compare(GOOD.trace(), bad.trace()))["differences"]
    assert ("by_hand" in entry["a"], entry["b"].get("by_hand", False)) == (False, said)
    assert entry["text"].endswith("(changed by hand in B)") is said


def test_another_order_of_parts() -> None:
    """Browsers ask for the parts of a page in no fixed order."""
    parts = tuple(f"/part/{name}.png" for name in "abcdefgh")
    before, after = told(asked=("/", *parts)), told(asked=("/", *parts[::-1]))
    found = compare(before.trace(), after.trace())
    assert (found.differs, len(found.alignment.pairs)) == (False, 9)
