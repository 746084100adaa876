"""``cookietrace whatif``: what would have been different, without showing a value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from benchmarks.captures import SHAPES
from cookietrace.commands import beside
from cookietrace.errors import CaptureError
from cookietrace.events import Capture, encode
from cookietrace.lesson.what_if.imagining import Imagining, Told
from cookietrace.stores import create_capture
from tests.cli.conftest import Run
from tests.cli.test_bad_input import refused
from tests.lesson.what_if.test_what_if import REFUSED, omitting, sign_in
from tests.redact.test_lines_beside import Killed
from tests.story import TYPED, Story

VALUE = "s3cret-8841-of-the-session"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture of a sign-in with a real session."""
    events = sign_in(f"sid={VALUE}; Path=/; Secure; HttpOnly", f"sid={VALUE}").events
    first = events[0]
    assert isinstance(first, Capture)
    path = tmp_path / "a.cookietrace"
    store = create_capture(path, info=msgspec.structs.replace(first, sensitive=True))
    store.append(events[1:])
    store.close()
    return path


def test_the_report(run: Run, capture: Path) -> None:
    """The step, the reason and the code are there, and no value."""
    result = run("whatif", capture, "--set", "sid: SameSite=Strict")
    assert result.status == 0, result.err
    assert result.out.startswith("1 of 3 exchanges would be different:\n  Step 3: ")
    assert "'sid' is not sent (it was sent)" in result.out
    assert "Set-Cookie: sid=redacted-" in result.out
    assert VALUE not in result.out
    assert VALUE in run("whatif", capture, "--drop", "sid", "--show-values", "--json").out


def test_as_json(run: Run, capture: Path) -> None:
    """The same for programs, with tokens."""
    result = run("whatif", capture, "--later", "3=5m", "--json")
    entry = json.loads(result.out)
    assert [(each["step"], each["after"]) for each in entry["differences"]] == [(3, "not-sent")]
    assert VALUE not in run("whatif", capture, "--drop", "sid", "--json").out


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    ("options", "differs"),
    [
        (("--set", "sid: SameSite=Lax"), [(1, "stored"), (5, "sent")]),
        (("--move", "https://app.example=http://app.example"), []),
        (("--set", "tok: SameSite=None"), []),
    ],
)
def test_a_request_without_credentials(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    differs: list[tuple[int, str]],
    large: bool,
) -> None:
    """It sends and stores nothing, by one process and by two."""
    if large:
        monkeypatch.setattr(beside, "_LARGE", 0)
        monkeypatch.setattr(beside, "cores", lambda: 2)
    file = tmp_path / "a.cookietrace"
    first, *events = omitting(REFUSED, fetched="tok=1; Path=/").events
    assert isinstance(first, Capture)
    store = create_capture(file, info=msgspec.structs.replace(first, sensitive=True))
    store.append(events)
    store.close()
    entry = json.loads(run("whatif", file, *options, "--json").out)
    found = [(each["step"], each["after"]) for each in entry["differences"]]
    assert found == differs


def test_a_short_value(run: Run, tmp_path: Path) -> None:
    """Values of any length are hidden in lines and URLs, and so is a URL's user."""
    story = Story()
    url = "http://bob:pw@shop.test/a?theme=q1w"
    story.respond(story.ask(url, headers=TYPED), "theme=q1w; Path=/; x=z9")
    story.respond(story.ask(url, headers=(*TYPED, ("Cookie", "theme=q1w"))))
    first = story.events[0]
    assert isinstance(first, Capture)
    events = [msgspec.structs.replace(first, sensitive=True), *story.events[1:]]
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join(map(encode, events)))
    for change in (("--drop", "theme"), ("--set", "theme: Secure")):
        for form in ((), ("--json",)):
            out = run("whatif", file, *change, *form).out
            assert "theme" in out
            assert not [each for each in ("q1w", "z9", "bob", "pw@") if each in out]


def test_only_one_step(run: Run, capture: Path) -> None:
    """--at chooses the response that changes."""
    assert run("whatif", capture, "--drop", "sid", "--at", "1").status == 0
    refused(
        run("whatif", capture, "--drop", "sid", "--at", "3"), "no response sets sid in that step"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "say what to change"),
        (("--at", "1"), "--at needs --set or --drop"),
        (("--at", "9" * 5000, "--drop", "sid"), "in this capture: its steps are"),
        (("--set", "sid"), "not a change: sid"),
        (("--set", "sid: Colour=red"), "not an attribute: Colour=red"),
        (
            ("--set", "sid: SameSite=Lux"),
            "no browser knows SameSite=Lux (known: Strict, Lax, None)",
        ),
        (("--drop", "other"), "no response sets other"),
        (("--later", "3"), "not a step and a time: 3"),
        (("--later", "77=1h"), "77"),
        (("--move", "a=b"), "not a move: a=b"),
        (("--in", "opera"), "opera"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:30] or "nothing",
)
def test_bad_input(run: Run, capture: Path, options: tuple[str, ...], message: str) -> None:
    """What is wrong is said in one line."""
    refused(run("whatif", capture, *options), message)


def test_a_redacted_capture(run: Run, capture: Path, tmp_path: Path) -> None:
    """Its values are tokens, from which no verdict can be made anew."""
    file = tmp_path / "a.jsonl"
    assert run("export", capture, "-o", file).status == 0
    refused(run("whatif", file, "--in", "safari"), "this capture is redacted")


@pytest.mark.parametrize("cores", [1, 2])
def test_a_large_capture(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """Another process tells what would have been if there is a processor for it: nobody notices."""
    file = tmp_path / "large.cookietrace"
    SHAPES["ordinary"](file, 400, 14)
    lines = [
        ("whatif", file, "--json", "--drop", "session"),
        ("whatif", file, "--json", "--drop", "session", "--show-values"),
        ("whatif", file, "--set", "session: -SameSite"),
        ("whatif", file, "--in", "safari", "--json"),
        ("whatif", file, "--drop", "session", "--at", "1"),
        ("whatif", file, "--drop", "none"),
        ("whatif", tmp_path / "none", "--drop", "session"),
    ]
    alone = [run(*line) for line in lines]
    assert [each.status for each in alone] == [0, 0, 0, 0, 2, 2, 2]
    monkeypatch.setattr(beside, "_LARGE", 0)
    monkeypatch.setattr(beside, "cores", lambda: cores)
    assert [run(*line) for line in lines] == alone


@pytest.mark.parametrize("after", [0, 1, 2, 3, 9])
@pytest.mark.parametrize("options", [("--json",), ()])
def test_a_process_that_is_killed(
    run: Run,
    capture: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    after: int,
) -> None:
    """If the one that imagines is killed, this one does it all, and says nothing of it."""
    line = ("whatif", capture, "--drop", "sid", *options)
    alone = run(*line)
    assert alone.status == 0

    def killed(_file: object, make: Callable[[], object]) -> Killed:
        return Killed(make, after)

    monkeypatch.setattr("cookietrace.commands.whatif.half_of_the_work", killed)
    assert run(*line) == alone


def test_a_capture_that_grew_meanwhile(
    run: Run, capture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the other process read is not what this one did: what it found is not used."""
    alone = run("whatif", capture, "--drop", "sid", "--json")
    monkeypatch.setattr(beside, "_LARGE", 0)
    monkeypatch.setattr(beside, "cores", lambda: 2)
    told = Imagining.told

    def of_others(imagining: Imagining) -> Told:
        return told(imagining)._replace(passed=(1, []), differences=[])

    monkeypatch.setattr(Imagining, "told", of_others)
    assert run("whatif", capture, "--drop", "sid", "--json") == alone


@pytest.mark.parametrize("forks", [True, False])
def test_a_capture_that_cannot_be_read_there(
    run: Run, capture: Path, monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    """What went wrong with the imagined story alone is not said: it is told once more.

    That holds in another process, and in this one, if there can be no other.
    """
    alone = run("whatif", capture, "--drop", "sid", "--json")
    monkeypatch.setattr(beside, "_alone", lambda: forks)
    monkeypatch.setattr(beside, "_LARGE", 0)
    monkeypatch.setattr(beside, "cores", lambda: 2)

    def broken(_imagining: Imagining, _happened: object) -> None:
        raise CaptureError("it is gone")

    monkeypatch.setattr(Imagining, "go_on", broken)
    assert run("whatif", capture, "--drop", "sid", "--json") == alone
