"""What is told of a line from the jar before and after it: only what nothing else can have done."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cookietrace.listening.jars import Held, Jar, Write, held, lines_of, tell

AT = 1_000_000.0
YES, NO, SILENT = True, False, None


def cookie(pair: str, domain: str = "h.test", path: str = "/") -> Held:
    """Return a cookie in a jar."""
    name, _, value = pair.partition("=")
    return Held(name, value, domain, path, False, False, "default")


def told(
    line: str,
    before: Sequence[Held] = (),
    after: Sequence[Held] = (),
    *,
    others: Sequence[str] = (),
    clears: bool = False,
    own_jar: bool = True,
) -> bool | None:
    """Return what is told of a line of ``h.test``; ``others`` are lines that came at the time."""
    lines = lines_of([line], AT)
    writes = [
        Write(1, each.name, each.value, clears) for each in (*lines, *lines_of(list(others), AT))
    ]
    tell(lines, "http://h.test/x", Jar(before, 0, 0), Jar(after, 2, 3), writes, own_jar=own_jar)
    return lines[0].taken


A1, A2 = cookie("a=1"), cookie("a=2")
HTTP_ONLY = "a=1; HttpOnly"


@pytest.mark.parametrize(
    ("line", "before", "after", "what"),
    [
        ("a=1", [], [A1], YES),
        ("a=1", [A2], [A1], YES),
        ("a=1", [], [cookie("a=1", ".h.test", "/x")], YES),
        ("a = 1 ; Path=/", [], [A1], YES),
        ("bare", [], [cookie("bare=")], YES),
        ("a=\xe9", [], [cookie("a=\ufffd")], YES),
        # It was there before: whether it was stored again cannot be seen.
        ("a=1", [A1], [A1], SILENT),
        (HTTP_ONLY, [A1], [A1], SILENT),
        # Another site's, which was added at the same time.
        ("a=1", [], [cookie("a=1", "other.test")], SILENT),
        (HTTP_ONLY, [], [], NO),
        (HTTP_ONLY, [cookie("b=1")], [cookie("b=1")], NO),
        (HTTP_ONLY, [A2], [A2], NO),
        # A script may have removed it at once.
        ("a=1", [], [], SILENT),
        # It may have been stored in another form, or another cookie was written over it.
        (HTTP_ONLY, [], [A2], SILENT),
        # It may have expired since.
        (f"{HTTP_ONLY}; Max-Age=1", [], [], SILENT),
        ("a=; Max-Age=0", [A1], [], YES),
        ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", [A1, cookie("b=1")], [cookie("b=1")], YES),
        ("a=; Max-Age=0", [], [], SILENT),
        ("a=; Max-Age=0", [A1], [A1], SILENT),
        ("a=; Max-Age=0", [A1, cookie("a=1", path="/x")], [], SILENT),
    ],
)
def test_a_line_alone(
    line: str, before: Sequence[Held], after: Sequence[Held], what: bool | None
) -> None:
    """It was stored if it is there anew; refused if nothing else can explain that it is not."""
    assert told(line, before, after) is what


@pytest.mark.parametrize(
    ("others", "clears", "own_jar"),
    [(["a=2"], False, True), ([], True, True), ([], False, False)],
    ids=["another line of that name", "Clear-Site-Data", "perhaps a private window"],
)
def test_what_may_hide_a_refusal(others: list[str], clears: bool, own_jar: bool) -> None:
    """A cookie that is not there was refused, or something else has kept it from being there."""
    assert told(HTTP_ONLY, others=others, clears=clears, own_jar=own_jar) is None


def test_two_lines_with_one_pair() -> None:
    """If only one of them is there, it is not told which one that is."""
    one = [cookie("a=1")]
    assert told("a=1", after=one, others=["a=1; Path=/y"]) is None
    assert told("a=1", after=[*one, cookie("a=1", path="/y")], others=["a=1; Path=/y"]) is True


def test_a_deletion_beside_another_line() -> None:
    """What is gone may have been replaced by the other."""
    assert told("a=; Max-Age=0", [A1], [], others=["a=3"]) is None


def test_a_full_jar() -> None:
    """A browser that makes room removes cookies by itself."""
    many = [cookie(f"c{number}=1") for number in range(150)]
    assert told(HTTP_ONLY, many, many) is None


def test_a_reply_that_holds_anything() -> None:
    """What cannot be read is passed over, or empty."""
    reply = [
        None,
        {"name": 1, "value": "x", "domain": [], "expiry": "soon"},
        {"name": "\xc3\xa9", "value": {"type": "string", "value": "d\ufffd\ufffd"}, "expiry": 5},
    ]
    assert [(each.name, each.value, each.expires) for each in held(reply)] == [
        ("", "", None),
        ("é", "d\ufffd", 5.0),
    ]
    assert list(held({"cookies": 1})) == []


def test_a_url_that_cannot_be_read() -> None:
    """Nothing is told of its lines, and nothing breaks off."""
    lines = lines_of([HTTP_ONLY], AT)
    writes = [Write(1, lines[0].name, lines[0].value)]
    tell(lines, "http://[h/x", Jar(), Jar([A1], 2, 3), writes, own_jar=True)
    assert lines[0].taken is None
