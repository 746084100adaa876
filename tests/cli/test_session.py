"""``cookietrace session`` and ``explain --decode``: what is inside cookies, for those who ask."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from cookietrace.cli import cookietrace_command
from cookietrace.errors import FormatError
from cookietrace.events import Capture
from cookietrace.sessions.given_keys import KEY_VARIABLE, given_keys
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.story import Story

VALUE = "eyJ2aXNpdHMiOjF9.aw1z-A.DWcez219Hc-DnywFOId4N1MahdI"
"""A session of Flask, whose key is ``k``."""


def story(*, sensitive: bool) -> bytes:
    """Return a capture in which the session is set, and sent back."""
    told = Story()
    told.visit("/", None, f"sid={VALUE}", "id=4f9c2b7a8e1d4c3b9a8f7e6d5c4b3a29")
    told.visit("/", f"sid={VALUE}; id=4f9c2b7a8e1d4c3b9a8f7e6d5c4b3a29")
    first = told.events[0]
    assert isinstance(first, Capture)
    told.events[0] = msgspec.structs.replace(first, sensitive=sensitive)
    return b"".join(msgspec.json.encode(event) + b"\n" for event in told.events)


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_from_standard_input(arguments: tuple[str, ...]) -> None:
    """The value comes from standard input, as a value, a pair or a header."""
    for text in (VALUE, f"sid={VALUE}\n", f"Set-Cookie: sid={VALUE}; Path=/\r\n"):
        result = CliRunner().invoke(cookietrace_command, ["session", *arguments], input=text)
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "Flask session or itsdangerous (HMAC-SHA1)",
            "signature: not checked",
            "signed: 2026-11-30 13:02:48 UTC",
            'contents: {"visits": 1}',
        ]


def test_a_header_of_several_cookies(run: Run) -> None:
    """Every session in it is read, wherever it stands, and named if there are several."""
    one = run("session", f"Cookie: a=b; sid={VALUE}; theme=dark").out
    assert one == run("session", VALUE).out
    header = f"Cookie: a=b; sid={VALUE}; theme=dark; old={VALUE}"
    assert run("session", header).out == f"'sid':\n{one}\n'old':\n{one}"
    entries = map(json.loads, run("session", header, "--json").out.splitlines())
    assert [(each["name"], each["content"]["visits"]) for each in entries] == [
        ("sid", 1),
        ("old", 1),
    ]


def test_a_key_in_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write to it."""
    os.mkfifo(tmp_path / "key")
    with pytest.raises(FormatError, match="it is a pipe"):
        given_keys([tmp_path / "key"])


def test_keys(run: Run, tmp_path: Path) -> None:
    """The key comes from a file or the environment, and is checked."""
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("k\n")
    wrong.write_text("another\n")
    for options, environment, said in (
        ((f"--session-key-file={right}",), {}, "right"),
        ((f"--session-key-file={wrong}",), {}, "wrong"),
        ((f"--session-key-file={wrong}", f"--session-key-file={right}"), {}, "right"),
        ((), {KEY_VARIABLE: "k"}, "right"),
        ((), {}, "not checked"),
    ):
        result = run("session", VALUE, "--json", *options, **environment)
        assert json.loads(result.out)["signature"] == said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("session", "abc"), "this is neither a signed session nor a readable token"),
        (("session", "a=b; c=d"), "none of the 2 cookies is a signed session or a readable"),
        (("session", VALUE, "--session-key-file=/no/such"), "cannot read the key file /no/such"),
        (("session", VALUE, "--session-key-file=/dev/null"), "the key file /dev/null is empty"),
        (("explain", "x", "--decode", "--problems"), "--decode and --problems cannot be combined"),
        (("explain", "x", "--session-salt=s"), "--session-key-file and --session-salt need"),
    ],
)
def test_bad_input(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """Each is refused in one line."""
    assert message in refused(run(*arguments))


def test_explain(run: Run, tmp_path: Path) -> None:
    """Only --decode adds what is inside cookies, once each, and only if values are shown."""
    file = tmp_path / "shop.jsonl"
    file.write_bytes(story(sensitive=True))
    assert "add --show-values" in refused(run("explain", file, "--decode"))
    plain = run("explain", file, "--show-values").out
    assert "visits" not in plain
    decoded = run("explain", file, "--show-values", "--decode", **{KEY_VARIABLE: "k"}).out
    assert decoded.startswith(plain)
    assert decoded.removeprefix(plain).strip().splitlines() == [
        "Inside the cookies",
        "",
        "Step 1, 'sid', set: Flask session (HMAC-SHA1)",
        "  signature: right: a key that was given made it",
        "  signed: 2026-11-30 13:02:48 UTC",
        '  contents: {"visits": 1}',
    ]
    lines = run("explain", file, "--show-values", "--decode", "--json").out.splitlines()
    found = [json.loads(line)["sessions"] for line in lines]
    assert [[(one["name"], one["where"], one["content"]) for one in each] for each in found] == [
        [("sid", "set", {"visits": 1})],
        [("sid", "sent", {"visits": 1})],
    ]


def test_a_capture_that_is_not_sensitive(run: Run, tmp_path: Path) -> None:
    """The demo's own needs no flag."""
    file = tmp_path / "demo.jsonl"
    file.write_bytes(story(sensitive=False))
    assert 'contents: {"visits": 1}' in run("explain", file, "--decode").out
