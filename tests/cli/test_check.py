"""``cookietrace check``: the exit status, where the report goes, and which ignores count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cookietrace.checking import check as check_events
from cookietrace.events import encode
from tests.checking.sign_ins import broken_sign_in, working_sign_in
from tests.cli.conftest import Run
from tests.story import Story


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository with a broken and a working sign-in."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    stories = {"broken": broken_sign_in(), "working": working_sign_in()}
    for name, events in (stories | {"empty": working_sign_in()[:1]}).items():
        lines = b"".join(encode(event) + b"\n" for event in events)
        (folder / f"{name}.jsonl").write_bytes(lines)
    monkeypatch.chdir(folder)
    return folder


IGNORE_LAX = '[[check.ignore]]\ncode = "same-site-lax"\nreason = "May"\n'


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["working.jsonl"], 0),
        (["working.jsonl", "--fail-on", "warning"], 0),
        (["broken.jsonl"], 1),
        (["broken.jsonl", "--cookie", "cart"], 0),
        (["broken.jsonl", "--cookie", "cart", "--fail-on", "warning"], 1),
        (["broken.jsonl", "--host", "other.test"], 2),
        (["broken.jsonl", "--path", "/other", "--format", "sarif"], 2),
        (["broken.jsonl", "--cookie", "typo", "--format", "junit", "-o", "new.xml"], 2),
        (["broken.jsonl", "--cookie", "cart", "--cookie", "typo"], 2),
        (["empty.jsonl"], 2),
        (["missing.jsonl"], 2),
        (["broken.jsonl", "--fail-on", "note"], 2),
        (["broken.jsonl", "--format", "html"], 2),
        (["broken.jsonl", "--config", "missing.toml"], 2),
        (["broken.jsonl", "-o", "no/such/folder.xml"], 2),
        (["broken.jsonl", "-o", "working.jsonl"], 2),
    ],
)
def test_the_exit_status(arguments: list[str], status: int, folder: Path, run: Run) -> None:
    """0 if it is clean, 1 if it is not, 2 in one line if it cannot be checked."""
    result = run("check", *arguments)
    assert result.status == status, result
    if status == 2:
        assert len(result.err.splitlines()) == 1
        assert result.out == ""
        assert not Path("new.xml").exists()


def test_ignores_of_the_project(folder: Path, run: Run) -> None:
    """The project's file counts, unless another one is named; a bad one is an error."""
    (folder / "cookietrace.toml").write_text(IGNORE_LAX)
    result = run("check", "broken.jsonl")
    assert (result.status, "Reason: May" in result.out) == (0, True)
    (folder / "empty.toml").write_text("")
    assert run("check", "broken.jsonl", "--config", "empty.toml").status == 1
    (folder / "cookietrace.toml").write_text('[[check.ignore]]\ncode = "x"\n')
    result = run("check", "broken.jsonl")
    assert (result.status, len(result.err.splitlines())) == (2, 1)
    assert "ignore 1 has no reason" in result.err


def test_a_report_in_a_file(folder: Path, run: Run) -> None:
    """The file is written whole, and replaced only if asked to; the status is as without it."""
    arguments = ("check", folder / "broken.jsonl", "--format", "json", "-o", "out.json")
    result = run(*arguments)
    assert (result.status, result.out, result.err) == (1, "", "Wrote out.json\n")
    assert json.loads((folder / "out.json").read_text())["source"] == "broken.jsonl"
    assert run(*arguments).status == 2
    assert run(*arguments, "--force").status == 1


def test_what_was_not_checked_is_said(folder: Path, run: Run) -> None:
    """With what to do about it; a green report would be a lie."""
    assert run("check", "broken.jsonl", "--host", "other.test").err == (
        "cookietrace: nothing was checked: no request in broken.jsonl matches host other.test "
        "(`cookietrace explain FILE` shows what it contains)\n"
    )
    assert run("check", "empty.jsonl").err == (
        "cookietrace: nothing was checked: there are no requests in empty.jsonl\n"
    )
    result = run("explain", "broken.jsonl", "--problems", "--host", "other.test")
    assert (result.status, result.out) == (2, "")
    assert "matches host other.test: `cookietrace explain FILE` shows" in result.err


def test_a_process_of_its_own(folder: Path, run_process: Run) -> None:
    """As a shell sees it: the report on standard output, and status 1."""
    result = run_process("check", folder / "broken.jsonl", "--format", "sarif")
    assert (result.status, result.err) == (1, "")
    assert json.loads(result.out)["runs"][0]["results"][0]["ruleId"] == "same-site-lax"


@pytest.mark.parametrize("options", [("--problems",), (), ("--problems", "--json")])
def test_explain_names_what_check_names(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    """The refused lines besides the problems; on stderr beside JSON, as by check."""
    story = Story("https://shop.test")
    story.respond(
        story.ask("/login"), "sid=1; Path=/; SameSite=None", "theme=1; Path=/; SameSite=None"
    )
    story.respond(story.ask("/account"), status=401)
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in story.events))
    (remark,) = check_events(story.events, source="shop").remarks
    assert remark.startswith("1 Set-Cookie line was refused; nothing shows")
    told, json_remark = run("explain", path, *options), run("check", path, "-f", "json").err
    assert told.status == 0
    if "--json" in options:
        assert told.err == json_remark == f"cookietrace: {remark}\n"
        assert remark not in told.out
    else:
        assert told.err == ""
        assert remark in " ".join(told.out.split())
