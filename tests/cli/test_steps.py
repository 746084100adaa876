"""A problem has one step, whichever command names it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cookietrace import events as ev
from cookietrace.events import Capture
from cookietrace.stores import create_capture
from tests.cli.conftest import Run
from tests.story import Story

BROKEN = "sid=1; Path=/; HttpOnly; Secure"


def sign_in(path: Path, line: str) -> Path:
    """A sign-in over plain http, and a page whose view asks for the session cookie."""
    story = Story("http://shop.test")
    story.visit("/", None, "theme=light; Path=/")
    story.visit("/login", "theme=light", line)
    asked = story.ask("/account", "theme=light")
    read = ev.CookieRead(name="sid", value=None, where="view", line=2)
    saw = ev.Server(
        exchange_id=asked, at=story.now, function="view", file="app.py", first_line=1, lines=(2,),
        reads=(read,),
    )  # fmt: skip
    story.respond(asked, status=401, server=saw)
    first, *others = story.events
    assert isinstance(first, Capture)
    store = create_capture(path, info=first)
    store.append(others)
    store.close()
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "--problems"),
        ("explain",),
        ("check",),
        ("check", "--format", "junit"),
        ("check", "--format", "sarif"),
        ("whatif", "--set", "sid: -Secure"),
        ("whatif", "--set", "sid: -Secure; Domain=other.test"),
    ],
    ids=" ".join,
)
def test_a_refusal_is_named_by_its_row(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Texts call a problem by the row that shows it: step 4, in which the cookie is refused."""
    command, *options = arguments
    told = run(command, sign_in(tmp_path / "a.cookietrace", BROKEN), *options).out
    places = r'▲ (?:Problem in )?step (\d)|^  Step (\d): GET|fullyQualifiedName": "step (\d)'
    named = re.findall(places, told, re.IGNORECASE | re.MULTILINE)
    assert {step for each in named for step in each if step} == {"4"}


def test_json_has_both_steps(run: Run, tmp_path: Path) -> None:
    """``step`` is that of the request, ``row`` that of the row, in every command."""
    file = sign_in(tmp_path / "a.cookietrace", BROKEN)
    explained = json.loads(run("explain", file, "--problems", "--json").out.splitlines()[0])
    checked = json.loads(run("check", file, "--format", "json").out)["found"][0]
    gone = json.loads(run("whatif", file, "--set", "sid: -Secure", "--json").out)["problems_gone"]
    assert [(each["step"], each["row"]) for each in (explained, checked, *gone)] == [(3, 4)] * 3
