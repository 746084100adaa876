"""Every verdict is predicted, confirmed by the browser, or disputed; both reasons are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cookietrace.cookies import TABLE, Code, Outcome, Standing
from cookietrace.events import Browser, BrowserChange, BrowserCookie
from cookietrace.formats import export, read_capture, write_export
from cookietrace.lesson.browser_says import Statement, Word, settled, statements, word_of
from cookietrace.lesson.browser_says.reasons import REFUSED, WITHHELD
from cookietrace.lesson.browser_says.wording import BEING, disputes, own_word, own_word_lines
from cookietrace.lesson.detail import detail
from cookietrace.lesson.jar.life import LifeBoard, LifeKind
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.searching import texts_of
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import transcript
from cookietrace.trace import Trace, fold
from tests.judge.chromium_reasons import REFUSED as JUDGED_REFUSED
from tests.judge.chromium_reasons import WITHHELD as JUDGED_WITHHELD
from tests.story import Story

LAX = "EXCLUDE_SAMESITE_LAX"


def said(
    exchange_id: str,
    cookies: Sequence[BrowserCookie] | None = (),
    lines: Sequence[BrowserCookie] | None = (),
    *,
    credentials: bool | None = True,
) -> Browser:
    """Return what Chromium said about an exchange."""
    return Browser(
        at=0.0,
        said_at=0.0,
        said_by="chromium-net-log",
        client_id="c1",
        exchange_id=exchange_id,
        credentials=credentials,
        cookies=None if cookies is None else tuple(cookies),
        set_cookies=None if lines is None else tuple(lines),
    )


def about(
    name: str | None,
    *reasons: str,
    line: int | None = None,
    domain: str | None = "127.0.0.1",
    path: str | None = "/",
    partition: str | None = None,
) -> BrowserCookie:
    """Return what was said about one cookie: without a reason against it, it was taken."""
    return BrowserCookie(
        name=name,
        domain=domain,
        path=path,
        taken=not reasons,
        reasons=reasons,
        line=line,
        partition_key=partition,
    )


def of_lines(*lines: str, theirs: Sequence[BrowserCookie], **more: bool) -> tuple[Statement, ...]:
    """Return the statements on the lines of a response."""
    story = Story()
    name = story.visit("/", None, *lines)
    story.events.append(said(name, (), theirs, **more))
    return statements(story.trace().exchange(name))


def of_request(
    cookie: str | None, *lines: str, theirs: Sequence[BrowserCookie] | None, **more: bool
) -> tuple[Statement, ...]:
    """Return the statements on a request for ``/x`` that follows these lines."""
    story = Story()
    story.visit("/", None, *lines)
    name = story.visit("/x", cookie)
    story.events.append(said(name, theirs, (), **more))
    return statements(story.trace().exchange(name))


P, C, D = Word.PREDICTED, Word.CONFIRMED, Word.DISPUTED


@pytest.mark.parametrize(
    ("line", "theirs", "word"),
    [
        ("a=1", about("a", line=0), C),
        ("a=1", about("a", LAX, line=0), D),
        ("a=1", None, P),
        ("a=1", about("a", line=None), P),
        ("a=1; Domain=other.test", about(None, "EXCLUDE_INVALID_DOMAIN", line=0), C),
        ("a=1; Domain=other.test", about(None, "EXCLUDE_INVALID_PREFIX", line=0), D),
        ("a=1; Domain=other.test", about("a", line=0), D),
        ("a=1; Domain=other.test", about(None, "EXCLUDE_SOMETHING_NEW", line=0), C),
        (
            "a=1; Domain=other.test",
            about(None, "EXCLUDE_FAILURE_TO_STORE", "EXCLUDE_INVALID_DOMAIN", line=0),
            C,
        ),
        ("a=1; SameSite=None", about("a", "EXCLUDE_USER_PREFERENCES", line=0), C),
        ("a=1; Domain=other.test", about("a", "EXCLUDE_USER_PREFERENCES", line=0), D),
        ("a=; Max-Age=0", about("a", line=0), C),
        ("a=; Max-Age=0", None, P),
    ],
)
def test_a_set_cookie_line(line: str, theirs: BrowserCookie | None, word: Word) -> None:
    """The outcome must be the same, and of a refusal one of the reasons."""
    [found] = of_lines(line, theirs=() if theirs is None else (theirs,))
    assert found.word is word
    assert found.line == 0
    if theirs is not None and theirs.line is not None:
        assert found.theirs == ("stored" if theirs.taken else "refused")
        assert found.their_reasons == theirs.reasons


def test_a_line_that_changes_nothing() -> None:
    """The same cookie again: the jar is certain, but not whether the browser took the line."""
    story = Story()
    story.visit("/", None, "a=1")
    name = story.ask("/x", "a=1", headers=())
    story.respond(name, "a=1")
    line = about("a", "EXCLUDE_USER_PREFERENCES", line=0)
    story.events.append(said(name, (about("a"),), (line,)))
    exchange = story.trace().exchange(name)
    assert not exchange.request.context.certain
    [found] = [each for each in statements(exchange) if each.line == 0]
    assert (found.ours, found.word, found.guess) == (Outcome.REFRESHED, D, True)
    assert word_of(exchange) is C


def test_a_response_to_a_request_without_credentials() -> None:
    """Chromium takes nothing from it, and says nothing about its lines."""
    [stored, refused, gone] = of_lines(
        "a=1", "b=1; Domain=other.test", "c=; Max-Age=0", theirs=(), credentials=False
    )
    assert (stored.word, stored.their_reasons) == (D, ("no credentials",))
    assert refused.word is C
    assert gone.word is P


def test_a_request_without_credentials() -> None:
    """It withholds what a script wrote, too; what the browser settled is no guess any more."""
    story = Story()
    story.visit("/", None, "a=1", "b=2; Path=/deep")
    story.visit("/", "a=1; cart=3")
    story.visit("/", "a=1; cart=3")
    name = story.ask("/x", None, headers=())
    told = Table(story.trace())
    assert "as if it was made" in " ".join(transcript(told.trace))
    story.events.append(said(name, (), credentials=False))
    trace = story.trace()
    exchange = trace.exchange(name)
    assert {held.cookie.name for held in exchange.request.withheld} == {"a", "b", "cart"}
    assert {each.name: each.guess for each in statements(exchange)} == {
        "a": True,
        "b": False,
        "cart": True,
    }
    assert own_word(exchange) == (
        "confirmed by Chromium: all 3 verdicts (2 were guesses until then)"
    )
    sentence_of_a = "'a' is not sent: the browser made the request without credentials."
    assert sentence_of_a in " ".join(transcript(trace))
    table = Table(trace)
    board = LifeBoard(table)
    board.update()
    for texts in (
        " ".join(transcript(trace)),
        " ".join(line.text for section in detail(exchange) for line in section.lines),
        " ".join(moment.answer for moment in key_moments(table)),
        " ".join(texts_of(table, len(table))),
        " ".join(_life_of(board, trace, "a")),
    ):
        assert "as if it was made" not in texts
        assert "the browser made the request without credentials" in texts
    (cart,) = [each for each in trace.jar_at("c1", trace.position) if each.name == "cart"]
    life = board.life("c1", cart.key, trace.position)
    assert (life.sent, life.withheld) == (1, 1)


def _life_of(board: LifeBoard, trace: Trace, name: str) -> list[str]:
    """Return what the jar tells of a cookie's life: the reasons and attributes."""
    (cookie,) = [each for each in trace.jar_at("c1", trace.position) if each.name == name]
    return [event.more for event in board.life("c1", cookie.key, trace.position).events]


@pytest.mark.parametrize(
    ("lines", "theirs", "words"),
    [
        (["a=1"], ["a"], ""),
        (["a=1", "b=1"], ["a", "b"], ": both verdicts"),
        (["a=1", "b=1", "c=1"], ["a", "b", "c"], ": all 3 verdicts"),
        (
            ["a=1", "ok=; Max-Age=0"],
            ["a"],
            ": 1 of 2 verdicts; it says nothing about 'ok' being deleted",
        ),
        (
            ["a=1", "b=1", "c=1; Domain=other.test"],
            ["a"],
            ": 1 of 3 verdicts; it says nothing about 'b' being stored or 'c' being refused",
        ),
        (["a=1", "b=1", "c=1", "d=1"], ["a"], ": 1 of 4 verdicts"),
    ],
)
def test_how_many_are_confirmed(lines: list[str], theirs: list[str], words: str) -> None:
    """It is said which ones are left, if they are at most two."""
    story = Story()
    name = story.visit("/", None, *lines)
    told = [about(each, line=line) for line, each in enumerate(theirs)]
    story.events.append(said(name, (), told))
    assert own_word(story.trace().exchange(name)) == f"confirmed by Chromium{words}"


@pytest.mark.parametrize("verdict", [*Outcome, "sent", "withheld", "missing", "overlapping"])
def test_every_verdict_has_a_word(verdict: str) -> None:
    """None is left out of what the browser says nothing about."""
    assert BEING[verdict]


@pytest.mark.parametrize(
    ("cookie", "lines", "theirs", "words"),
    [
        ("a=1", ["a=1"], [about("a")], [C]),
        ("a=1", ["a=1"], [], [P]),
        ("a=1", ["a=1"], None, [P]),
        (None, ["a=1; Path=/sub"], [about("a", "EXCLUDE_NOT_ON_PATH", path="/sub")], [C]),
        (None, ["a=1; Path=/sub"], [about("a", LAX, path="/sub")], [D]),
        (None, ["a=1; Path=/sub"], [about("a", "EXCLUDE_NOT_ON_PATH", path="/")], [P]),
        ("a=2", ["a=2", "a=1; Path=/sub"], [about("a"), about("a", LAX, path="/sub")], [C, D]),
        (None, ["a=1"], [about("a", LAX)], [D]),
        (None, ["a=1"], [], [P]),
        ("b=1", [], [about("b", path="/x")], [C]),
        ("b=1", [], [about("b", path="/x"), about("b", path="/")], [P]),
        ("b=\xe4", [], [about("b", path="/x")], [C]),
        ("a=1", ["a=1"], [about("a", partition="http://127.0.0.1, same-site")], [P]),
        # Many of one name are told apart, but not more than any browser keeps.
        ("a=1", ["a=1"], [about("a"), *(about("a", path=f"/{n}") for n in range(199))], [C]),
        ("a=1", ["a=1"], [about("a"), *(about("a", path=f"/{n}") for n in range(200))], [P]),
    ],
)
def test_a_cookie_of_a_request(
    cookie: str | None,
    lines: list[str],
    theirs: list[BrowserCookie] | None,
    words: list[Word],
) -> None:
    """Sent, withheld and missing: found by name, domain and path; nothing is guessed."""
    assert [one.word for one in of_request(cookie, *lines, theirs=theirs)] == words


def test_a_request_that_may_carry_no_cookie() -> None:
    """Chromium does not look at each: it says so about the request as a whole."""
    [withheld] = of_request(None, "a=1; Path=/sub", theirs=None, credentials=False)
    assert (withheld.word, withheld.their_reasons) == (C, ("no credentials",))
    [missing] = of_request(None, "a=1", theirs=None, credentials=False)
    assert (missing.ours, missing.word) == ("missing", D)


def test_a_name_that_a_log_cannot_hold() -> None:
    """A name that is no UTF-8 is lost in part, and found anyway."""
    [found] = of_request("\xe4=1", theirs=[about("\xef\xbf\xbd", path="/x")])
    assert found.word is C


def _guess() -> tuple[Story, str]:
    """Return a story with a line of which it is not known whether it was taken."""
    story = Story("https://shop.test")
    fetched = (
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "empty"),
    )
    name = story.ask("/", headers=fetched)
    story.respond(name, "a=1")
    return story, name


@pytest.mark.parametrize(("taken", "word"), [(True, C), (False, D)])
def test_a_guess_is_settled(taken: bool, word: Word) -> None:
    """What the browser says about a guess settles it; that it was wrong is no dispute."""
    story, name = _guess()
    reasons = () if taken else ("EXCLUDE_USER_PREFERENCES",)
    story.events.append(said(name, (), [about("a", *reasons, line=0, domain="shop.test")]))
    trace = story.trace()
    [found] = statements(trace.exchange(name))
    assert (found.word, found.guess) == (word, True)
    assert word_of(trace.exchange(name)) is not D
    assert list(disputes(trace)) == []
    assert "a guess" in own_word(trace.exchange(name))
    assert list(own_word_lines(trace)) == [
        "Chromium: 1 of 1 verdict confirmed (1 was a guess until then)."
        if taken
        else "Chromium: 0 of 1 verdict confirmed; 1 guess settled otherwise."
    ]
    [result] = settled(trace.exchange(name))
    assert result.standing is (Standing.CONFIRMED if taken else Standing.REFUTED)
    marks = Table(trace).row(1).marks
    assert (Mark.CHANGED if taken else Mark.REFUTED) in marks
    assert Mark.UNCONFIRMED not in marks


def _disputed() -> Trace:
    story = Story()
    name = story.visit("/", None, "sid=1", "b=1; Domain=other.test")
    story.events.append(
        said(name, (), [about("sid", LAX, line=0), about(None, "EXCLUDE_INVALID_DOMAIN", line=1)])
    )
    return story.trace()


@pytest.mark.parametrize("show_values", [False, True])
def test_a_har_keeps_what_was_said(show_values: bool, tmp_path: Path) -> None:
    """What the browser said about an exchange, disputes included, is read back from our HAR."""
    story = Story()
    name = story.visit("/", None, "sid=1", "b=1; Domain=other.test")
    lines = [about("sid", LAX, line=0), about(None, "EXCLUDE_INVALID_DOMAIN", line=1)]
    story.events.append(said(name, (), lines))
    path = tmp_path / "a.har"
    write_export(path, export(story.events, "har", show_values=show_values))
    (exchange,) = fold(read_capture(path)).exchanges
    (before,) = story.trace().exchanges
    assert exchange.browser is not None
    assert exchange.browser.set_cookies == tuple(lines)
    assert [one.word for one in statements(exchange)] == [one.word for one in statements(before)]
    assert Word.DISPUTED in {one.word for one in statements(exchange)}


def test_a_dispute_is_told() -> None:
    """In the detail, in the table, in the transcript, and at its end with both reasons."""
    trace = _disputed()
    exchange = trace.exchanges[0]
    assert word_of(exchange) is D
    assert own_word(exchange) == f"Chromium says otherwise: 'sid' was refused ({LAX})"
    lines = [line for section in detail(exchange) for line in section.lines]
    assert [line.text for line in lines if line.mark is Mark.DISPUTED] == [own_word(exchange)]
    assert Mark.DISPUTED in Table(trace).row(1).marks
    assert f"{own_word(exchange)}." in " ".join(transcript(trace))
    first, said_of, dispute, _ = own_word_lines(trace)
    assert first == "Chromium: 1 of 2 verdicts confirmed."
    assert said_of.startswith("Disputed")
    assert dispute == (
        "  step 1, Set-Cookie line 1: 'sid': chromium rules say created, "
        f"Chromium says refused ({LAX})"
    )


def test_nothing_is_told_if_nothing_was_said() -> None:
    """Without a browser's word all is as before."""
    story = Story()
    name = story.visit("/", None, "sid=1")
    trace = story.trace()
    assert statements(trace.exchange(name)) == ()
    assert own_word(trace.exchange(name)) == ""
    assert list(own_word_lines(trace)) == []


def written(name: str, value: str, at: float, *, kind: str = "added") -> Browser:
    """Return that a script wrote a cookie."""
    change = BrowserChange(
        kind="added" if kind == "added" else "deleted",
        name=name,
        value=value,
        domain="127.0.0.1",
        path="/",
        script=True,
        source="http://127.0.0.1:5000/app.js",
        line=7,
    )
    return Browser(at=at, said_at=at, said_by="chromium-net-log", client_id="c1", changes=(change,))


@pytest.mark.parametrize(
    ("value", "early", "explained"),
    [("1", 1.0, True), ("2", 1.0, False), ("1", -5.0, False)],
    ids=["written", "another value", "written later"],
)
def test_a_cookie_that_a_script_wrote(value: str, early: float, *, explained: bool) -> None:
    """It is no longer unexplained: the browser says who wrote it, with the script's line."""
    story = Story()
    story.visit("/")
    name = story.ask("/x", "w=1")
    story.events.append(written("w", value, story.now - early))
    story.respond(name)
    trace = story.trace()
    told = "written by a script: http://127.0.0.1:5000/app.js, line 7"
    sections = detail(trace.exchange(name), word=trace.browser)
    assert (told in str(sections)) is explained
    assert (told in " ".join(" ".join(transcript(trace)).split())) is explained


def test_a_cookie_that_a_script_wrote_again() -> None:
    """Each request is explained by the latest write before it; every view says the same."""
    story = Story()
    story.visit("/")
    writes = []
    for _ in range(12):
        writes.append(story.now)
        story.events.append(written("w", "1", story.now))
        story.visit("/x", "w=1")
    trace = story.trace()
    times = (writes[0], writes[-1], writes[-2])
    for at in times:
        found = trace.browser.writer("c1", "w", "1", at)
        assert found is not None
        assert found.said_at == at
    table = Table(trace)
    first = trace.exchanges[1]
    assert Mark.UNEXPLAINED not in table.row(2).marks
    assert "unexplained" not in str(detail(first, word=trace.browser))
    board = LifeBoard(table)
    assert board.update()
    [carried] = first.request.cookies
    assert carried.cookie is not None
    told = board.life("c1", carried.cookie.key, trace.position).events[0]
    assert "written by a script" in told.text
    assert told.kind is LifeKind.STORED


def test_what_is_said_late_changes_the_rows_that_it_is_about() -> None:
    """A browser may say who wrote a cookie only after the request that carried it."""
    story = Story()
    name = story.visit("/", "w=1")
    story.visit("/", "v=1")
    story.events.append(written("w", "1", story.now - 60))
    trace = Trace()
    updates = [trace.apply(event) for event in story.events]
    assert updates[-1].exchanges == (name,)
    assert Mark.UNEXPLAINED not in Table(trace).row(1).marks


def test_the_table_of_reasons() -> None:
    """It says what the judges found, and each code of ours is one for that kind of verdict."""

    def plain(name: str) -> str:
        return name.removeprefix("EXCLUDE_").replace("_", "").lower()

    for table, judged, where in (
        (REFUSED, JUDGED_REFUSED, "rejected"),
        (WITHHELD, JUDGED_WITHHELD, "withheld"),
    ):
        known = {plain(name): codes for name, codes in table.items()}
        for name, codes in judged.items():
            if name.startswith("Schemeful") or name == "SyntaxError":
                continue  # the log has no such names
            assert known[plain(name)] >= codes, name
        for codes in table.values():
            for code in codes - {Code.HTTP_ONLY_FROM_SCRIPT}:
                assert where in TABLE[code].where
