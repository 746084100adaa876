"""A capture told again with other cookies, another browser, another time or address."""

from __future__ import annotations

import ast
from collections.abc import Callable
from email.utils import formatdate

import msgspec
import pytest

from cookietrace.archive.exchange_log import WHOLE
from cookietrace.cookies import Cookie, SameSite
from cookietrace.errors import FormatError
from cookietrace.events import Browser, Request
from cookietrace.fold.carrying import plain_jar_event
from cookietrace.lesson.what_if import (
    LineChange,
    Move,
    Scenario,
    retold,
    what_if_entry,
    what_if_lines,
)
from cookietrace.lesson.what_if.moves import moved_request
from cookietrace.lesson.what_if.retelling import MOST_WHOLE
from cookietrace.lesson.what_if.wording import app_test_lines
from cookietrace.stores import ImportedStore, StoredEvents
from tests.lesson.random_traces import random_story
from tests.story import Story, seed_story, witness

CROSS = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Referer", "https://other.example/"),
)


def sign_in(
    line: str = "sid=1; Path=/; Secure; HttpOnly",
    back: str | None = "sid=1",
    base: str = "https://app.example",
) -> Story:
    """A sign-in that comes back from another site by a POST, five minutes later."""
    story = Story(base)
    story.respond(story.ask("/start"), line)
    story.respond(story.ask("/back", back, method="POST", headers=CROSS, after=60))
    story.respond(story.ask("/account", "sid=1"))
    return story


FETCH = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Referer", "https://app.example/start"),
)


def omitting(
    line: str, cookie: str | None = None, *, credentials: bool | None = False, fetched: str = ""
) -> Story:
    """A page that fetches something; its browser says of the credentials of that, later.

    The first response has the line, that of the fetch another one; ``cookie`` is what is sent then.
    """
    story = Story("https://app.example")
    story.respond(story.ask("/start"), line)
    asked = story.ask("/api", headers=FETCH)
    story.respond(asked, *filter(None, [fetched]))
    story.respond(story.ask("/account", cookie))
    story.events.append(
        Browser(
            at=story.now,
            said_at=story.now,
            said_by="firefox-log",
            client_id="c1",
            exchange_id=asked,
            credentials=credentials,
        )
    )
    return story


def told(story: Story, scenario: Scenario) -> list[tuple[str, str, object, object]]:
    """Return what differs: exchange, cookie, before and after."""
    retelling = retold(story.events, scenario)
    return [
        (each.exchange_id, each.cookie, each.before, each.after) for each in retelling.differences()
    ]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (Scenario(browser="spec"), [("x2", "sid", "sent", "not-sent")]),
        (Scenario(browser="firefox"), []),
        (Scenario(later=(("x2", 120.0),)), [("x2", "sid", "sent", "not-sent")]),
        (Scenario(later=(("x2", 30.0),)), []),
        (
            Scenario(changes=(LineChange("sid", drop=True),)),
            [
                ("x1", "sid", "stored", None),
                ("x2", "sid", "sent", "not-sent"),
                ("x3", "sid", "sent", "not-sent"),
            ],
        ),
        (
            Scenario(changes=(LineChange.parse("sid: SameSite=Strict"),)),
            [("x2", "sid", "sent", "not-sent")],
        ),
        (
            Scenario(changes=(LineChange.parse("sid: -Secure; SameSite=None"),)),
            [
                ("x1", "sid", "stored", "refused"),
                ("x2", "sid", "sent", "not-sent"),
                ("x3", "sid", "sent", "not-sent"),
            ],
        ),
        (
            Scenario(changes=(LineChange.parse("sid: Path=/account"),)),
            [("x2", "sid", "sent", "not-sent")],
        ),
        (Scenario(changes=(LineChange.parse("other: Path=/account"),)), []),
        (
            Scenario(moves=(Move.parse("https://app.example=http://app.example"),)),
            [
                ("x1", "sid", "stored", "refused"),
                ("x2", "sid", "sent", "not-sent"),
                ("x3", "sid", "sent", "not-sent"),
            ],
        ),
        (Scenario(moves=(Move.parse("https://app.example=https://b.test:8443"),)), []),
    ],
    ids=(
        "another browser", "the same rules", "later", "soon enough", "dropped", "stricter",
        "insecure", "another path", "another cookie", "http", "another host",
    ),
)  # fmt: skip
def test_what_differs(scenario: Scenario, expected: list[tuple[str, str, object, object]]) -> None:
    """Each request sends what the jar then holds."""
    assert told(sign_in(), scenario) == expected


REFUSED = "sid=1; Path=/; SameSite=None"
LAX = Scenario(changes=(LineChange.parse("sid: SameSite=Lax"),))
_STORED, _SENT = ("x1", "sid", "refused", "stored"), ("x3", "sid", "not-sent", "sent")

OMITTING = [
    (omitting(REFUSED), LAX, [_STORED, _SENT]),
    (omitting(REFUSED, fetched="tok=1; Path=/"), LAX, [_STORED, _SENT]),
    (omitting(REFUSED, credentials=None), LAX, [_STORED, ("x2", *_SENT[1:]), _SENT]),
    (omitting(REFUSED, credentials=True), LAX, [_STORED, ("x2", *_SENT[1:]), _SENT]),
    (
        omitting("sid=1; Path=/account", "sid=1"),
        Scenario(changes=(LineChange.parse("sid: Path=/"),)),
        [],
    ),
    (omitting("a=1", "a=1", fetched=REFUSED), LAX, []),
    (
        omitting("a=1", "a=1", fetched="sid=1; Path=/"),
        Scenario(changes=(LineChange("sid", drop=True),)),
        [],
    ),
    (
        omitting("sid=1; Path=/; Secure", "sid=1", fetched="tok=1; Secure"),
        Scenario(moves=(Move.parse("https://app.example=http://app.example"),)),
        [("x1", "sid", "stored", "refused"), ("x3", "sid", "sent", "not-sent")],
    ),
]


@pytest.mark.parametrize(
    ("story", "scenario", "expected"),
    OMITTING,
    ids=(
        "sends nothing", "so its own line is as it was", "not told", "with credentials",
        "another path", "stores nothing", "nothing to drop", "another address",
    ),
)  # fmt: skip
def test_a_request_without_credentials(
    story: Story, scenario: Scenario, expected: list[tuple[str, str, object, object]]
) -> None:
    """It sends no cookies and stores none in any telling, though its browser says so only later."""
    assert told(story, scenario) == expected
    stored = StoredEvents(ImportedStore(story.events, at_once=True))
    try:
        packed = retold(stored, scenario, most_whole=0, patience=1)
        assert packed.differences() == retold(story.events, scenario).differences()
    finally:
        stored.close()


def test_a_request_that_carried_cookies_had_credentials() -> None:
    """What was recorded counts, whatever the browser says."""
    story = sign_in()
    story.events.append(
        Browser(
            at=story.now,
            said_at=story.now,
            said_by="firefox-log",
            client_id="c1",
            exchange_id="x3",
            credentials=False,
        )
    )
    dropped = Scenario(changes=(LineChange("sid", drop=True),))
    assert told(story, dropped)[-1] == ("x3", "sid", "sent", "not-sent")


@pytest.mark.parametrize("make", [seed_story, sign_in])
def test_nothing_changed_is_nothing_different(make: Callable[[], Story]) -> None:
    """The same rules tell the same story."""
    assert told(make(), Scenario()) == []


@pytest.mark.parametrize("seed", range(8))
def test_any_story_is_retold(seed: int) -> None:
    """With nothing changed, every request has the cookies that it had, explained or not."""
    retelling = retold(random_story(seed).events, Scenario())
    assert [
        sorted((cookie.name, cookie.value) for cookie in each.request.cookies)
        for each in retelling.real.exchanges
    ] == [
        sorted((cookie.name, cookie.value) for cookie in each.request.cookies)
        for each in retelling.imagined.exchanges
    ]


def test_what_no_response_explains_stays() -> None:
    """A cookie that a script wrote is sent in either telling, and one that it deleted in none."""
    story = sign_in()
    story.respond(story.ask("/next", "sid=1; theme=dark"))
    story.respond(story.ask("/last", "theme=dark"))
    assert told(story, Scenario(changes=(LineChange.parse("sid: SameSite=Lax"),))) == [
        ("x2", "sid", "sent", "not-sent"),
    ]


def test_only_one_response_changes() -> None:
    """With an exchange, other responses that set the cookie stay as they were."""
    story = sign_in()
    story.respond(story.ask("/again", "sid=1"), "sid=1; Path=/; Secure; HttpOnly")
    change = LineChange("sid", drop=True, exchange_id="x4")
    assert told(story, Scenario(changes=(change,))) == [("x4", "sid", "stored", None)]


def test_the_report() -> None:
    """It has the difference, what becomes of problems, the code, and a test."""
    scenario = Scenario(changes=(LineChange.parse("sid: SameSite=None; -HttpOnly"),))
    retelling = retold(sign_in().events, scenario)
    lines = list(what_if_lines(retelling, width=78, most=20))
    assert lines[:2] == [
        "No cookie would be stored or sent differently in 3 exchanges, but the problems",
        "  would differ.",
    ]
    assert "  △ Step 3: 'sid': no SameSite: sent for two minutes only" in lines
    assert "Set-Cookie: sid=1; Path=/; Secure; SameSite=None" in lines
    assert '        assert {"samesite=none"} <= attributes' in lines
    assert not [line for line in lines if "pip install" in line]  # anybody could own the name
    assert '        assert not {"httponly"} & names' in lines
    begins = lines.index("    import requests")
    compile("\n".join(line.removeprefix("    ") for line in lines[begins:]), "test", "exec")
    entry = what_if_entry(retelling)
    assert (entry["exchanges"], entry["differences"]) == (3, [])
    assert [moment["code"] for moment in entry["problems_new"]] == ["readable-by-scripts"]
    assert [moment["row"] for moment in entry["problems_gone"]] == [3]


def test_a_problem_that_moves_stays_the_same() -> None:
    """What goes wrong at either address is neither gone nor new."""
    story = Story("http://127.0.0.1:5000")
    story.respond(story.ask("/login"), "sid=1; Path=/; SameSite=None")
    story.respond(story.ask("/account"), status=401)
    move = Move.parse("http://127.0.0.1:5000=http://shop.example")
    entry = what_if_entry(retold(story.events, Scenario(moves=(move,))))
    assert (entry["differences"], entry["problems_gone"], entry["problems_new"]) == ([], [], [])


REFUSED_LINE = "sid=1; Path=/; SameSite=None"
_NOT_SENT = [("x2", "sid", "sent", "not-sent"), ("x3", "sid", "sent", "not-sent")]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (Scenario(browser="chromium"), _NOT_SENT),
        (
            Scenario(changes=(LineChange("sid", drop=True),)),
            [("x1", "sid", "refused", None), *_NOT_SENT],
        ),
        (
            Scenario(changes=(LineChange.parse("sid: SameSite=Lax"),)),
            [("x1", "sid", "refused", "stored")],
        ),
        (
            Scenario(changes=(LineChange.parse("sid: SameSite=Lax; Path=/other"),)),
            [("x1", "sid", "refused", "stored"), *_NOT_SENT],
        ),
        (Scenario(changes=(LineChange.parse("sid: HttpOnly"),)), []),
        (Scenario(later=(("x2", 60.0),)), []),
    ],
    ids=("a browser", "dropped", "stored", "another path", "still refused", "later"),
)
def test_a_client_that_keeps_what_is_refused(
    scenario: Scenario, expected: list[tuple[str, str, object, object]]
) -> None:
    """It holds the cookie for that line alone: a browser does not, nor if the line is another."""
    story = Story("http://127.0.0.1:5000")
    story.respond(story.ask("/login"), REFUSED_LINE)
    story.visit("/account", "sid=1; theme=dark")
    story.visit("/account", "sid=1; theme=dark")
    assert told(story, scenario) == expected


@pytest.mark.parametrize(
    ("name", "framework", "headings"),
    [
        ("session", msgspec.UNSET, ["Flask", "FastAPI, Starlette", "Django"]),
        ("session", "starlette", ["FastAPI, Starlette", "Flask", "Django"]),
        ("session", "quart", ["Quart", "FastAPI, Starlette", "Django"]),
        ("connect.sid", "bottle", ["Express", "Flask", "Django"]),
        ("tab", "django", ["Django", "Flask", "FastAPI, Starlette"]),
        ("sessionid", "django", ["Django", "Flask", "FastAPI, Starlette"]),
    ],
)
def test_the_likeliest_framework_is_first(
    name: str, framework: str | msgspec.UnsetType, headings: list[str]
) -> None:
    """The one that the witness names, then those whose own session cookie it is, as a setting.

    A cookie that the view itself sets has no setting.
    """
    story = Story("https://app.example")
    asked = story.ask("/")
    seen = witness(asked, None, story.now)
    view_sets = (msgspec.structs.replace(seen.writes[0], name="sessionid"),)
    server = msgspec.structs.replace(seen, framework=framework, writes=view_sets)
    story.respond(asked, f"{name}=1; Path=/; HttpOnly", server=server)
    story.respond(story.ask("/", f"{name}=1", headers=CROSS))
    scenario = Scenario(changes=(LineChange.parse(f"{name}: SameSite=None"),))
    lines = list(what_if_lines(retold(story.events, scenario), width=78, most=20))
    begins = lines.index(f"Set-Cookie: {name}=1; Path=/; HttpOnly; SameSite=None") + 1
    assert [each.strip(" :") for each in lines[begins : begins + 6 : 2]] == headings
    assert ("set_cookie(" in lines[begins + 1]) is (name in ("tab", "sessionid"))


@pytest.mark.parametrize(
    ("back", "first", "automatic"),
    [
        ("sid=1", "2 of 3 exchanges would be different:", "2 automatic requests would be "),
        (None, "1 of 3 exchanges would be different:", "2 automatic requests would be dif"),
    ],
)
def test_what_browsers_request_by_themselves(back: str | None, first: str, automatic: str) -> None:
    """It is counted apart: what counts is what the table shows. In JSON, it has no step."""
    line = "sid=1; Path=/; Secure; HttpOnly; SameSite=None"
    story = Story("https://app.example")
    story.respond(story.ask("/start"), line)
    for _ in range(2):
        story.respond(story.ask("/favicon.ico", "sid=1"), status=404)
    story.respond(story.ask("https://update.googleapis.com/service/update2", headers=()))
    story.respond(story.ask("/account", back))
    story.respond(story.ask("/again"))
    scenario = Scenario(changes=(LineChange("sid", drop=True),))
    retelling = retold(story.events, scenario)
    lines = list(what_if_lines(retelling, width=78, most=1))
    assert lines[0] == first
    assert [each for each in lines if each.startswith(automatic)]
    assert not [each for each in lines if "favicon" in each]
    entry = what_if_entry(retelling)
    assert entry["exchanges"] == 3
    apart = [each["url"] for each in entry["differences"] if each["automatic"]]
    assert [each["url"] for each in entry["differences"] if each["step"] is None] == apart
    assert apart == ["https://app.example/favicon.ico"] * 2


def test_only_an_automatic_request_differs() -> None:
    """Then nothing that the table shows differs, and it is said what does."""
    story = Story("https://app.example")
    story.respond(story.ask("/start"))
    story.respond(story.ask("/favicon.ico"), "icon=1; Path=/favicon.ico; Secure", status=404)
    scenario = Scenario(changes=(LineChange("icon", drop=True),))
    lines = list(what_if_lines(retold(story.events, scenario), width=78, most=20))
    assert lines[:2] == [
        "Nothing would be different in 1 exchange.",
        "Only 1 automatic request would be different.",
    ]


def test_the_code_of_a_renamed_session() -> None:
    """The framework that its value tells comes first, and is called probable."""
    value = "s%3AXq9yHq1R5lYw0bXyq0Nn4bBq2xkT7c8a.f2QF2bA0y5VhJmKk5J0vY9m0X1u3rZ8wq7tPpLsN6cE"
    story = sign_in(f"shop={value}; Path=/; Secure; HttpOnly", f"shop={value}")
    scenario = Scenario(changes=(LineChange.parse("shop: SameSite=Lax"),))
    lines = list(what_if_lines(retold(story.events, scenario), width=78, most=20))
    at = lines.index("  Express (probably its session, by the value):")
    assert lines[at - 1].startswith("Set-Cookie: shop=")
    assert lines[at + 1].startswith('    app.use(session({ ...options, name: "shop", cookie: {')
    assert [line for line in lines if "probably its session" in line] == [lines[at]]


def test_no_code_for_what_makes_no_difference() -> None:
    """If nothing differs and no problem comes or goes, that is all there is to say."""
    scenario = Scenario(changes=(LineChange.parse("theme: SameSite=Lax"),))
    story = Story("https://app.example")
    story.respond(story.ask("/"), "theme=1; Path=/; SameSite=Strict")
    lines = list(what_if_lines(retold(story.events, scenario), width=78, most=20))
    assert lines == ["Nothing would be different in 1 exchange."]


@pytest.mark.parametrize(
    ("line", "change", "gone", "new"),
    [
        ("sid=1; HttpOnly; Path=/a; SameSite=None", "sid: SameSite=Lax", 3, 4),
        ("sid=1; HttpOnly; Path=/a; SameSite=Lax", "sid: SameSite=None", 3, 2),
        ("sid=1; HttpOnly; Path=/a; SameSite=Lax", "sid: Domain=other.test", 3, 2),
    ],
)
def test_steps_are_those_of_the_capture(line: str, change: str, gone: int, new: int) -> None:
    """The imagined telling has more rows, or fewer: no step number of its own is shown."""
    story = Story("http://127.0.0.1:5000")
    story.respond(story.ask("/a/login"), line, "theme=dark; Path=/")
    sent = "theme=dark" if "SameSite=None" in line else "sid=1; theme=dark"
    story.respond(story.ask("/a/logout", sent), "sid=; Path=/; Max-Age=0")
    story.respond(story.ask("/a/account", sent), status=401)
    retelling = retold(story.events, Scenario(changes=(LineChange.parse(change),)))
    entry = what_if_entry(retelling)
    assert [each["row"] for each in entry["problems_gone"]] == [gone]
    assert [each["row"] for each in entry["problems_new"]] == [new]
    lines = list(what_if_lines(retelling, width=78, most=20))
    for title, step in (("Problems gone:", gone), ("New problems:", new)):
        assert f" Step {step}: 'sid' " in lines[lines.index(title) + 1]


DROPPED = LineChange("theme", drop=True)


@pytest.mark.parametrize(
    ("line", "sent", "change", "gone", "unknown"),
    [
        ("user=1; HttpOnly", "user=1; theme=1", DROPPED, [], ["not-read"]),
        ("user=1; HttpOnly", "user=1; theme=1", LineChange("user", drop=True), ["not-read"], []),
        (
            "user=1; SameSite=None", "theme=1", DROPPED,
            [], ["same-site-none-insecure"],
        ),
        (
            "user=1; SameSite=None", "theme=1", LineChange.parse("user: SameSite=Lax"),
            ["same-site-none-insecure"], [],
        ),
    ],
)  # fmt: skip
def test_what_the_app_would_read_is_not_known(
    line: str, sent: str, change: LineChange, gone: list[str], unknown: list[str]
) -> None:
    """A problem is not gone because nobody saw what the app would have read."""
    story = Story("http://127.0.0.1:5000")
    story.respond(story.ask("/login"), line, "theme=1")
    asked = story.ask("/", sent)
    story.respond(asked, server=witness(asked, None, story.now))
    entry = what_if_entry(retold(story.events, Scenario(changes=(change,))))
    assert [each["code"] for each in entry["problems_gone"]] == gone
    assert [each["code"] for each in entry["problems_unknown"]] == unknown
    assert entry["problems_new"] == []


@pytest.mark.parametrize(
    "text",
    ["sid", ": Secure", "sid:", "sid: Colour=red", "sid: -Path=/", "sid: SameSite=None;;Nope"],
)
def test_a_change_that_is_none(text: str) -> None:
    """What is not understood is refused, and says what is expected."""
    with pytest.raises(FormatError, match=r"not a|no attribute"):
        LineChange.parse(text)


@pytest.mark.parametrize("text", ["", "a=b", "http://a.test", "http://a.test=ftp://b.test"])
def test_a_move_that_is_none(text: str) -> None:
    """Both sides are addresses of a web app."""
    with pytest.raises(FormatError, match="not a move"):
        Move.parse(text)


@pytest.mark.parametrize(
    ("text", "line", "changed"),
    [
        ("a: Secure", "a=1; Path=/", "a=1; Path=/; Secure"),
        ("a: path=/x", "a=1; PATH=/; path=/y; HttpOnly", "a=1; HttpOnly; Path=/x"),
        ("a: -secure; -Domain", "a=1;Secure; Domain=b.test;HttpOnly", "a=1;HttpOnly"),
        ("a: SameSite=None", "a", "a; SameSite=None"),
        ("a: Secure", "a=1; secure; Path=/", "a=1; secure; Path=/"),
    ],
)
def test_attributes_of_a_line(text: str, line: str, changed: str) -> None:
    """Only the attributes that are named change."""
    assert LineChange.parse(text).applied_to(line) == changed


DATED = "sid=1; Path=/; Secure; Expires="


@pytest.mark.parametrize(
    ("expires", "seconds"),
    [(1800, 7200.0), (1800, 10 * 365 * 86_400.0), (1e12, 7200.0), (-1800, 7200.0)],
    ids=("ahead", "years", "beyond all dates", "a deletion"),
)
def test_later_dates_of_the_app(expires: float, seconds: float) -> None:
    """An app that computes Expires from its clock computes it from the later clock."""
    story = Story("https://app.example")
    story.visit("/")
    date = formatdate(min(story.now + expires, 253402300799), usegmt=True)
    story.respond(
        story.ask("/login"), DATED + date, headers=(("Date", formatdate(story.now, usegmt=True)),)
    )
    story.respond(story.ask("/account", "sid=1" if expires > 0 else None))
    assert told(story, Scenario(later=(("x2", seconds),))) == []


def test_a_jar_from_before_moves_too() -> None:
    """Cookies that the client held when the recording began go with the app."""
    story = Story("http://localhost:5000")
    story.client("c1")
    held = Cookie(
        name="sid", value="1", domain="localhost", host_only=True, path="/", secure=False,
        http_only=True, same_site=SameSite.LAX, expires_at=None, created_at=story.now,
        last_access_at=story.now, set_at=story.now,
    )  # fmt: skip
    story.events.append(plain_jar_event("c1", [held], (), at=story.now, last=(0, 0), removed=None))
    story.visit("/", "sid=1")
    story.visit("http://localhost:3000/", "sid=1")
    assert told(story, Scenario(moves=(Move.parse("http://localhost:5000=https://b.test"),))) == []


@pytest.mark.parametrize(
    ("origin", "expected"), [("null", None), ("https://shop.test", "same-site")]
)
def test_a_moved_request_says_only_what_is_known(origin: str, expected: str | None) -> None:
    """Sec-Fetch-Site is left out if the page that asks is not known."""
    story = Story("http://localhost:5000")
    story.ask("/", headers=(("Sec-Fetch-Site", "cross-site"), ("Origin", origin)))
    request = story.events[-1]
    assert isinstance(request, Request)
    moved = moved_request(request, [Move.parse("http://localhost:5000=https://api.shop.test")])
    assert dict(moved.headers).get("Sec-Fetch-Site") == expected


def test_a_test_of_any_attribute_compiles() -> None:
    """What is in a line cannot end a string of the generated test."""
    change = LineChange("sid", (("Path", "/\\"), ("Domain", '"}; import os; {"')))
    lines = list(app_test_lines(retold(sign_in().events, Scenario(changes=(change,)))))
    begins = lines.index("    import requests")
    tree = ast.parse("\n".join(line.removeprefix("    ") for line in lines[begins:]))
    assert sum(isinstance(node, ast.Import) for node in ast.walk(tree)) == 1


@pytest.mark.parametrize(
    ("origin", "header", "app"),
    [
        ("http://127.0.0.1:8081", ("server", "uvicorn"), '"http://127.0.0.1:8081"'),
        ("https://app.example", ("Server", "hypercorn-h11"), '"http://127.0.0.1:8000"'),
        ("http://localhost:3000", ("X-Powered-By", "Express"), '"http://localhost:3000"'),
        ("http://localhost:5000", ("Server", "Werkzeug/3.1.3 Python/3.12"), "create_app()"),
        ("http://localhost:5000", ("Content-Type", "uvicorn"), "create_app()"),
    ],
)
def test_a_test_has_the_app_as_it_can_be_run(
    origin: str, header: tuple[str, str], app: str
) -> None:
    """Only a WSGI app can be called: one of another kind is given by where it runs."""
    story = Story(origin)
    story.respond(story.ask("/login"), "sid=1; Path=/", headers=(header,))
    scenario = Scenario(changes=(LineChange("sid", drop=True),))
    lines = list(app_test_lines(retold(story.events, scenario)))
    made = next(line.strip() for line in lines if "recorder = " in line)
    assert made.partition("  #")[0] == f"recorder = cookietrace({app})"
    assert ("    from your_app import create_app" in lines) == (app == "create_app()")


def test_a_long_capture_is_whole_in_both_tellings() -> None:
    """What is far back in a stored capture has its headers and what the app did, too."""
    story = Story("https://app.example")
    for number in range(WHOLE + 10):
        asked = story.ask("/", "sid=1" if number else None)
        story.respond(asked, "sid=1; Path=/", server=witness(asked, "Alice", story.now))
    stored = StoredEvents(ImportedStore(story.events, at_once=True))
    try:
        for most in (MOST_WHOLE, 0):
            retelling = retold(stored, Scenario(browser="firefox"), most_whole=most)
            told_first, imagined_first = (
                retelling.real.exchanges[0],
                retelling.imagined.exchanges[0],
            )
            assert told_first.request.event.headers == imagined_first.request.event.headers
            assert told_first.server == imagined_first.server is not None
            assert list(retelling.differences()) == []
    finally:
        stored.close()
