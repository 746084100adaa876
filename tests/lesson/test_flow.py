"""Mode 1, the concept flow: which stages a step lights, and their lines."""

from __future__ import annotations

import pytest

from cookietrace.lesson.flow import STAGES, Flow, FlowBoard, StageKind
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.table import Table
from tests.lesson.visits import Visit, story_of
from tests.story import Story, seed_story, witness

SEED = Focus(path="/", cookies=("user",))
REQUEST, READ, PROCESS, SET, RESPONSE, STORE, NEXT = StageKind


def of(visits: tuple[Visit, ...], step: int) -> Flow:
    """The picture of a step."""
    return FlowBoard(Table(story_of(*visits).trace())).flow(step)


def lines(flow: Flow, kind: StageKind) -> tuple[str, ...]:
    """The lines of a stage."""
    return next(stage.lines for stage in flow.stages if stage.kind is kind)


def test_seed() -> None:
    """The seed's three steps light the right stages, with their real values."""
    board = FlowBoard(Table(seed_story().trace(), SEED))
    first, second, third = (board.flow(step) for step in (1, 2, 3))
    assert [first.beats, second.beats, third.beats] == [
        (REQUEST, READ, PROCESS, SET, RESPONSE),
        (STORE,),
        (REQUEST, NEXT, READ, PROCESS, SET, RESPONSE, STORE),
    ]
    assert [flow.lead for flow in (first, second, third)] == [REQUEST, STORE, NEXT]
    assert lines(first, READ) == ("'user': None (line 12)",)
    assert lines(first, PROCESS) == ("view index (home.py:10)", "Hello None")
    assert lines(first, SET) == ("Set 'user'='Alice'",)
    assert lines(first, RESPONSE) == ("200 OK", "Set-Cookie: user=Alice; Path=/")
    assert lines(first, STORE) == ("continues in step 2",)
    assert (first.up, first.down, first.jar) == ((), ("user=Alice; Path=/",), ())
    assert lines(second, STORE) == ("'user'='Alice' stored",)
    assert lines(second, NEXT) == ("a visit there now would send 'user'='Alice'",)
    assert second.jar == ("'user'='Alice'",)
    assert lines(third, REQUEST) == ("GET /", "Cookie: user=Alice")
    assert lines(third, NEXT) == ("it includes 'user'='Alice'",)
    assert lines(third, STORE) == ("'user'='Alice' stored again, unchanged",)
    assert third.up == ("user=Alice",)


def test_stages_are_always_seven() -> None:
    """Every kind of step shows seven stages, lit according to its beats, none empty."""
    visits = (Visit(sets=("a=1", "b=1; Domain=other.test")), Visit(cookie="a=1", status=0))
    table = Table(story_of(*visits).trace())
    for step in range(1, len(table) + 1):
        flow = FlowBoard(table).flow(step)
        assert [stage.kind for stage in flow.stages] == list(STAGES)
        assert {stage.kind for stage in flow.stages if stage.lit} == set(flow.beats)
        assert flow.lead in flow.beats
        assert all(stage.lines for stage in flow.stages)


@pytest.mark.parametrize(
    ("visits", "step", "kind", "words"),
    [
        ((Visit(status=0),), 1, RESPONSE, "no response yet"),
        ((Visit(status=0),), 1, STORE, "nothing yet"),
        ((Visit(),), 1, STORE, "nothing to store"),
        ((Visit(),), 1, RESPONSE, "no Set-Cookie"),
        ((Visit(),), 1, READ, "no witness report"),
        ((Visit(sets=("a=1; Domain=x.test",)),), 2, STORE, "refused: Domain=x.test does not"),
        (
            (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",))),
            4,
            STORE,
            "replacing the previous one",
        ),
        ((Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",))), 4, STORE, "deleted"),
        ((Visit(sets=("a=1; Path=/x",)),), 2, NEXT, "would send no cookies"),
        ((Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2",))), 3, NEXT, "'a'='1'"),
    ],
)
def test_stage_words(visits: tuple[Visit, ...], step: int, kind: StageKind, words: str) -> None:
    """Each case has its text in its stage."""
    assert any(words in line for line in lines(of(visits, step), kind))


CROSS = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)
SAME = (("Sec-Fetch-Site", "same-origin"), *CROSS[1:])


def form_post() -> Story:
    """A provider posts back to the app, which gets none of its cookies."""
    story = Story("https://shop.test")
    story.visit("/login", None, "oauth_state=Zk3u; Path=/; SameSite=Lax", "cart=1; Path=/cart")
    story.respond(story.ask("/callback", method="POST", headers=CROSS), status=400)
    return story


def two_paths() -> Story:
    """Two cookies of one name, of which a deletion misses one."""
    story = Story("https://shop.test")
    story.visit("/app/", None, "sid=1; Path=/", "sid=2; Path=/app", "lang=en; Path=/")
    story.respond(story.ask("/help", "sid=1; lang=en", headers=SAME), "lang=; Max-Age=0; Path=/app")
    return story


@pytest.mark.parametrize(
    ("story", "step", "stays", "store"),
    [
        (
            form_post(),
            3,
            [
                "oauth_state stays: SameSite=Lax, cross-site POST",
                "cart stays: Path=/cart does not cover /callback",
            ],
            ["nothing to store"],
        ),
        (
            two_paths(),
            3,
            ["sid (path /app) stays: Path=/app does not cover /help"],
            ["⊘ lang not deleted: needs Path=/"],
        ),
        (form_post(), 1, [], ["continues in step 2"]),
    ],
)
def test_what_stays_behind(story: Story, step: int, stays: list[str], store: list[str]) -> None:
    """A request shows which cookies it leaves behind, and a response what it failed to delete."""
    flow = FlowBoard(Table(story.trace())).flow(step)
    assert [stay.text for stay in flow.stays] == stays
    assert list(lines(flow, STORE)) == store
    assert (STORE in flow.beats) is bool(flow.not_deleted)


def test_cookies_of_one_name_are_told_apart() -> None:
    """The jar names path or host where names alone do not."""
    story = two_paths()
    story.visit(
        "https://api.shop.test/", None, "lang=de; Path=/", "sid=3; Domain=shop.test; Path=/"
    )
    flow = FlowBoard(Table(story.trace())).flow(5)
    assert set(flow.jar) == {
        "'sid'='1' (shop.test only, path /)",
        "'sid'='2' (shop.test only, path /app)",
        "'sid'='3' (shop.test and its subdomains, path /)",
        "'lang'='en' (shop.test only)",
        "'lang'='de' (api.shop.test only)",
    }


def test_cookies_that_stay_for_one_reason_share_a_line() -> None:
    """The cookie that the view asked for comes first; of many lines, the last ones are counted."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; SameSite=Lax", "b=1; SameSite=Lax", "user=1; SameSite=Strict")
    asked = story.ask("/callback", method="POST", headers=CROSS)
    story.respond(asked, server=witness(asked, None))
    paths = [f"n{number}=1; Path=/x{number % 8}" for number in range(40)]
    story.visit("/", "a=1; b=1; user=1", *paths)
    story.visit("/", "a=1; b=1; user=1")
    board = FlowBoard(Table(story.trace()))
    assert [stay.text for stay in board.flow(3).stays] == [
        "user stays: SameSite=Strict, caused by another site",
        "a and b stay: SameSite=Lax, cross-site POST",
    ]
    stays = [stay.text for stay in board.flow(6).stays]
    assert len(stays) == 7
    assert stays[0] == "n0, n8, n16, n24 and n32 stay: Path=/x0 does not cover /"
    assert stays[-1] == "10 more stay"


def test_lanes_are_the_hosts_seen_so_far() -> None:
    """Each host has a lane, in order of appearance; later hosts have none yet."""
    visits = tuple(
        Visit(f"https://{host}/") for host in ("a.test", "b.test", "a.test", "c.test", "b.test")
    )
    board = FlowBoard(Table(story_of(*visits).trace()))
    assert [
        [(lane.host, lane.lit, lane.requests) for lane in board.flow(step).lanes]
        for step in (1, 3, 5)
    ] == [
        [("a.test", True, 1)],
        [("a.test", True, 2), ("b.test", False, 1)],
        [("a.test", False, 2), ("b.test", True, 2), ("c.test", False, 1)],
    ]


def test_hosts_are_counted_bit_by_bit() -> None:
    """With a limit, the lanes come once all steps have been read; the rest comes at once."""
    visits = tuple(Visit(f"https://{host}/") for host in ("a.test", "b.test", "a.test"))
    board = FlowBoard(Table(story_of(*visits).trace()))
    whole = FlowBoard(Table(story_of(*visits).trace())).flow(3)
    assert [len(board.flow(3, limit=1).lanes) for _ in range(4)] == [0, 0, 2, 2]
    assert board.flow(3, limit=0) == whole
    assert board.flow(1, limit=0).lanes == board.flow(1).lanes != ()


def test_mask_and_focus() -> None:
    """Masked values are hidden; cookies out of focus are only counted."""
    visits = (Visit(sets=("a=hunter2", "b=2")), Visit(cookie="a=hunter2; b=2", sets=("a=hunter3",)))
    trace = story_of(*visits).trace()
    for step in range(1, 5):
        assert "hunter" not in repr(FlowBoard(Table(trace, mask=masked)).flow(step))
    flow = FlowBoard(Table(trace, Focus(cookies=("a",)))).flow(3)
    assert lines(flow, REQUEST) == (
        "GET /",
        "Cookie: a=hunter2",
        "plus 1 cookie out of focus",
    )


def test_no_such_step() -> None:
    """A step out of range raises IndexError."""
    with pytest.raises(IndexError):
        of((Visit(),), 2)
