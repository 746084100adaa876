"""``cookietrace verdict``: one line in every browser, without any traffic."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused

LINE = "sid=1; SameSite=None"
WHERE = ("--url", "https://app.example", "--from", "https://shop.example")


def test_the_report(run: Run) -> None:
    """Each browser has its row; reasons, fixes and differences follow; all of it fits."""
    result = run("verdict", LINE, *WHERE)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == f"Set-Cookie: {LINE}"
    rows = [" ".join(line.split()) for line in lines]
    assert "Chromium 80+ ✗ in 156" in rows
    assert "Chromium 67-79 ✓ ✓ ✓ ✓ ✓ ✓ no" in rows
    assert "specification ✗" in rows
    assert "Why it is not stored:" in lines
    assert any(line.startswith("Fix: Add Secure") for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_as_json(run: Run) -> None:
    """The same for programs, with codes, sections and sources."""
    result = run("verdict", f"Set-Cookie: {LINE}", *WHERE, "--method", "post", "--json")
    entry = json.loads(result.out)
    assert [entry[name] for name in ("set_cookie", "page", "top_level", "method")] == [
        LINE,
        "https://shop.example",
        False,
        "POST",
    ]
    first = entry["browsers"][0]
    assert (first["browser"], first["since"], first["until"]) == ("chromium", 80.0, None)
    assert [reason["code"] for reason in first["reasons"]] == ["same-site-none-insecure"]
    assert (first["outcome"], first["basis"], first["sent"]) == ("rejected", "tried", {})


def test_a_link_is_top_level(run: Run) -> None:
    """With --top-level the page links to the URL, so a Lax cookie is stored."""
    for option, outcome in (((), "rejected"), (("--top-level",), "created")):
        result = run("verdict", "a=1; SameSite=Lax", *WHERE, *option, "--json")
        assert json.loads(result.out)["browsers"][0]["outcome"] == outcome


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a=1", "--url", "app"), "not a URL of a page: app (such as https://app.example/)"),
        (("a=1", "--url", "ftp://a.test/"), "not a URL of a page: ftp://a.test/"),
        (("a=1", *WHERE[:2], "--from", "http://"), "not a URL of a page: http://"),
        (("a" * 70_000, *WHERE), "the Set-Cookie line is longer than 65,536 bytes"),
        (("a=1",), "Missing option '--url'"),
        (("--url", "https://app.example"), "Missing argument 'LINE'"),
    ],
    ids=("no scheme", "another scheme", "no host", "too long", "no URL", "no line"),
)
def test_bad_input(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """What is wrong is said in one line."""
    assert message in refused(run("verdict", *arguments))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sid=1; Samesite=Foo", ("'SameSite=Foo' is not Strict, Lax or None",)),
        ("sid=1; Sekure", ("No browser knows the attribute 'Sekure'", "a typing error")),
        ("sid=1; Expires=tomorrow", ("'Expires=tomorrow' is not a valid date",)),
        ("sid=1; Max-Age=1h", ("'Max-Age=1h' is not a whole number",)),
        ("sid=1; Same_Site=Lax; Secure=false", ("SameSite is misspelt", "Secure has a value")),
    ],
)
def test_a_slip_in_the_line_is_told(run: Run, line: str, said: tuple[str, ...]) -> None:
    """Browsers store such a cookie without a word."""
    told = " ".join(run("verdict", line, "--url", "https://app.example").out.split())
    assert all(each in told for each in ("What looks like a mistake in the line:", *said))


@pytest.mark.parametrize("line", ["sid=1; Path=/; Secure", "sid=1; Secure; Partitioned"])
def test_nothing_is_said_of_a_line_without_slips(run: Run, line: str) -> None:
    """Not of an attribute that some browsers do not know, either."""
    assert "mistake" not in run("verdict", line, "--url", "https://app.example").out


@pytest.mark.parametrize("line", ["a=1; SameSite=None", "__Secure-a=1", "a=1; Partitioned"])
def test_the_fix_knows_the_scheme(run: Run, line: str) -> None:
    """What is served over https is not told to be."""
    for scheme, wanted in (("https", False), ("http", True)):
        out = run("verdict", line, "--url", f"{scheme}://app.example").out
        fixes = " ".join(each for each in out.partition("\nFix: ")[1:])
        assert fixes
        assert ("over https" in fixes) is wanted
