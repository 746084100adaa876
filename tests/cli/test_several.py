"""Several captures where one can be named: files, a pattern, a pattern in Redis."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace import events as ev
from cookietrace.stores import create_capture
from tests.checking.sign_ins import SECRET, broken_sign_in, working_sign_in
from tests.cli.conftest import Run
from tests.recorders.lab import recording


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A folder with the captures of three recorders; lab-3 has no problem."""
    for number in (1, 2, 3):
        events = working_sign_in() if number == 3 else broken_sign_in()
        info, *rest = recording(events, f"{number:032x}")
        assert isinstance(info, ev.Capture)
        with closing(create_capture(tmp_path / f"lab-{number}.cookietrace", info=info)) as store:
            store.append(rest)
    return tmp_path


def test_a_check_of_all(run: Run, lab: Path) -> None:
    """What two have is one problem; with --by, each has its own; tokens stay tokens."""
    result = run("check", f"{lab}/lab-*")
    assert result.status == 1
    assert result.out.count("problem  same-site-lax: 'oauth_state' at shop.test") == 1
    assert "  2 recorders: lab-1 and lab-2\n" in result.out
    assert re.search(r"  Step \d+ of all captures together: GET shop.test/", result.out)
    assert result.out.endswith(f"1 problem · 1 warning in {lab}/lab-* (10 requests)\n")
    assert SECRET not in result.out
    files = [lab / f"lab-{number}.cookietrace" for number in (1, 2, 3)]
    grouped = run("check", *files, "--by", "recorder")
    headings = [line for line in grouped.out.splitlines() if line.startswith("== ")]
    assert headings == ["== lab-1: 1 problem · 1 warning", "== lab-2: 1 problem · 1 warning"]
    report = json.loads(run("check", *files, "--by", "cookie", "--format", "json").out)
    assert report["problems"] == 1
    assert report["found"][0]["recorders"] == ["lab-1", "lab-2"]
    assert report["by"] == "cookie"
    assert [(group["name"], len(group["found"])) for group in report["groups"]] == [
        ("oauth_state", 1),
        ("cart", 1),
    ]
    alone = run("check", f"{lab}/lab-*", "--recorder", "lab-3")
    assert alone.status == 0
    assert alone.out.startswith("No problems in ")
    assert run("check", f"{lab}/lab-*", "--client", "2", "--fail-on", "warning").status == 1


def test_explain_and_export(run: Run, lab: Path) -> None:
    """The story names the recorders; what is exported does, too, and is read again."""
    story = run("explain", f"{lab}/lab-*")
    assert "lab-2 requests /login from shop.test" in story.out
    objects = [
        json.loads(line) for line in run("explain", f"{lab}/lab-*", "--json").out.splitlines()
    ]
    assert {each["client_id"].partition(":")[0] for each in objects} == {"lab-1", "lab-2", "lab-3"}
    only = run("explain", f"{lab}/lab-*", "--problems", "--recorder", "lab-2")
    assert "  Seen at: lab-2\n" in only.out
    copy = lab / "all.jsonl"
    assert run("export", f"{lab}/lab-*", "-o", copy).status == 0
    again = run("check", copy, "--by", "recorder")
    assert again.out.count("== lab-") == 2
    assert SECRET not in copy.read_text()
    mixed = run("check", lab / "lab-1.cookietrace", copy)
    assert (mixed.status, "is redacted and" in mixed.err) == (2, True)
    one = lab / "one.jsonl"
    assert run("export", lab / "lab-1.cookietrace", "-o", one).status == 0
    refused = run("export", one, copy, "-o", copy, "--force")
    assert refused.status == 2
    assert "is the file being read" in refused.err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("check", "{lab}/nothing-*"), "no capture matches {lab}/nothing-*"),
        (("explain", "{lab}/lab-1.cookietrace", "missing"), "there is no capture missing"),
        (
            ("check", "{lab}/lab-1.cookietrace", "redis://localhost?capture=a"),
            "name one URL and no files with it",
        ),
        (("check", "{lab}/lab-*", "--recorder", "lab-9"), "matches recorder lab-9"),
        (("check", "{lab}/lab-*", "--client", "9"), "there is no client 9 in this capture"),
        (("check", "{lab}/lab-*", "--by", "moon"), "'moon' is not one of"),
        (
            ("export", "{lab}/lab-1.cookietrace", "{lab}/copy.cookietrace", "--format", "csv"),
            "are the same recording (--lenient leaves it out)",
        ),
        (("check", "{lab}/*"), "bad.jsonl"),
    ],
)
def test_bad_input(run: Run, lab: Path, arguments: tuple[str, ...], error: str) -> None:
    """One line, exit status 2."""
    (lab / "copy.cookietrace").write_bytes((lab / "lab-1.cookietrace").read_bytes())
    (lab / "bad.jsonl").write_text("no event\n")
    result = run(*(argument.format(lab=lab) for argument in arguments))
    assert result.status == 2
    assert error.format(lab=lab) in result.err
    assert result.err.startswith("cookietrace: ") or "Usage" in result.err
    assert "Traceback" not in result.err


def test_what_is_left_out_is_told(run: Run, lab: Path) -> None:
    """With --lenient, the others are checked, and one line names each that is not."""
    (lab / "lab-0.jsonl").write_text("no event\n")
    (lab / "lab-4.cookietrace").write_bytes((lab / "lab-1.cookietrace").read_bytes())
    result = run("check", f"{lab}/*", "--lenient")
    assert result.status == 1
    assert "cookietrace: lab-0.jsonl is not shown: " in result.err
    assert "are the same recording" in result.err
