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
