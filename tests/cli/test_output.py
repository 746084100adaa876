"""What export and explain print: bytes for programs, nothing that acts on a terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from benchmarks.captures import SHAPES
from cookietrace.checking.reporters import REPORTERS
from cookietrace.cli import CLOSED_PIPE, main
from cookietrace.commands import beside
from cookietrace.commands.story import echo_lines
from cookietrace.events import SCHEMA, Capture, Client, Request, Response, encode
from cookietrace.formats.registry import writable
from tests.checking.sign_ins import SECRET, broken_sign_in, working_sign_in
from tests.cli.conftest import ROOT, Run
from tests.cli.test_bad_input import refused, written
from tests.lesson.what_if import test_what_if
from tests.story import Story, seed_story

FILE = "FILE"
CAPTURE = (
    Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test"),
    Client(client_id="c1", at=1.0, listen="l", peer="p"),
    Request(
        exchange_id="e1", client_id="c1", at=2.0, method="GET", url="http://a.test/\x9b31m\x85\xe9"
    ),
)


def shown_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, also: str | None = None
) -> str:
    """Return what ``cookietrace`` writes to a terminal, which ``also`` may be another stream."""
    terminal, inside = pty.openpty()
    shown = io.BytesIO()

    def read_all() -> None:
        try:
            while piece := os.read(terminal, 4096):
                shown.write(piece)
        except OSError:  # how Linux reports that the other end is closed
            pass

    reader = Thread(target=read_all)
    reader.start()
    with monkeypatch.context() as patch, os.fdopen(inside, "w", encoding="utf-8") as stdout:
        patch.setattr(sys, "argv", ["cookietrace", *arguments])
        patch.setattr(sys, "stdout", stdout)
        if also is not None:
            patch.setattr(sys, also, stdout)
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    reader.join()
    os.close(terminal)
    return shown.getvalue().decode()


WRITERS = [
    *(("export", FILE, "--format", known.name) for known in writable() if not known.is_jar),
    *(
        ("export", FILE, "--format", known.name, "--show-values")
        for known in writable()
        if known.is_jar
    ),
    *(("check", FILE, "--format", name) for name in REPORTERS),
    ("explain", FILE),
    ("explain", FILE, "--json"),
    ("explain", FILE, "--problems"),
    ("captures",),
    ("config",),
    ("ca",),
    ("addon",),
    ("witness", "flask"),
    ("--help",),
]
"""Every command that writes to standard output, in each of its formats."""


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_nobody_reads_the_output(
    command: tuple[str, ...],
    tmp_path: Path,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If the reader has gone, the command ends quietly; if there is no output, it runs as usual."""
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in working_sign_in()))
    arguments = [str(path) if each == FILE else each for each in command]
    monkeypatch.setenv("XDG_DATA_HOME", str(data_folder))
    monkeypatch.setattr(sys, "argv", ["cookietrace", *arguments])
    reading, writing = os.pipe()
    os.close(reading)
    for stdout, status in ((os.fdopen(writing, "w"), CLOSED_PIPE), (None, 0)):
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.close()
        assert (ended.value.code, capsys.readouterr().err) == (status, "")


@pytest.mark.parametrize("options", [(), ("--problems",), ("--show-values",)])
def test_a_terminal_is_told_that_a_capture_is_being_read(
    options: tuple[str, ...], tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line stands there while nothing else can be said, and is gone before the story."""
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in working_sign_in()))
    monkeypatch.setenv("XDG_DATA_HOME", str(data_folder))
    command = ("explain", str(path), *options)
    shown = shown_on_a_terminal(monkeypatch, *command, also="stderr")
    line, erased, told = shown.partition("\r\x1b[K")
    assert (line, erased) == ("Reading …\r", "\r\x1b[K")
    assert told
    assert shown_on_a_terminal(monkeypatch, *command) == told


def test_lines_are_printed_as_they_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The first one at once, and never more than some hundred of them together."""
    printed = 0

    def told() -> Iterator[str]:
        nonlocal printed
        for number in range(2_000):
            printed += capsys.readouterr().out.count("\n")
            assert number == 0 or printed > 0
            assert number - printed <= 256
            yield str(number)

    echo_lines(told())
    assert printed + capsys.readouterr().out.count("\n") == 2_000


def test_streams_that_were_closed_before_the_start(tmp_path: Path) -> None:
    """Files are not opened in their place, and so not written to."""
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in working_sign_in()))
    out = tmp_path / "shop.csv"
    command = f"exec {sys.executable} -m cookietrace export {path} -o {out} <&- >&- 2>&-"
    subprocess.run(["/bin/sh", "-c", command], check=True, cwd=ROOT)
    assert out.read_text().startswith("Step,")


@pytest.mark.parametrize(
    "command",
    [("export", "--format", "jsonl"), ("export", "--format", "har"), ("explain", "--json")],
)
def test_a_terminal_gets_nothing_that_acts(
    command: tuple[str, ...],
    tmp_path: Path,
    data_folder: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A C1 control in JSON is an escape that JSON knows, in a pipe and on a terminal."""
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in CAPTURE))
    name, *options = command
    assert "\\u009b31m\\u0085\xe9" in run(name, path, *options).out
    monkeypatch.setenv("XDG_DATA_HOME", str(data_folder))
    text = shown_on_a_terminal(monkeypatch, name, str(path), *options)
    assert "\\u009b31m\\u0085\xe9" in text
    assert text.replace("\r\n", "").isprintable()


@pytest.fixture
def sign_in(tmp_path: Path) -> Path:
    """A capture with one problem, at step 3, and one warning, at step 6."""
    path = tmp_path / "sign-in.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in broken_sign_in()))
    return path


SUMMARY = """\
1 problem · 1 warning
  ▲ Step 3: 'oauth_state' withheld: SameSite=Lax, cross-site POST
    Fix: If other sites must cause it to be sent, use SameSite=None; Secure;
         otherwise use a link or a form with method GET.
  △ Step 6: 'cart' withheld: request without credentials
    Fix: If it is needed, leave out credentials: 'omit' in the fetch: to the
         page's own origin, the default sends and stores cookies.

"""


@pytest.mark.parametrize(
    ("options", "first", "steps"),
    [
        ((), SUMMARY, ["Steps 1–2", "Step 3", "Steps 4–5", "Step 6"]),
        (("--path", "/callback"), "1 problem\n", ["Step 3"]),
        (("--cookie", "cart"), "1 warning\n", ["Steps 4–5", "Step 6"]),
        (("--host", "shop.test", "--path", "/"), "No problems, no warnings.\n", ["Steps 4–5"]),
    ],
)
def test_explain_begins_with_the_problems(
    options: tuple[str, ...], first: str, steps: list[str], run: Run, sign_in: Path
) -> None:
    """Each with its step and fix; then the story of what is in focus, with the same numbers."""
    told = run("explain", sign_in, *options)
    assert told.status == 0, told
    assert told.out.startswith(first)
    paragraphs = told.out.split("\n\n")
    assert [text.partition(".")[0] for text in paragraphs if text.startswith("Step")] == steps
    printed = run("explain", sign_in, *options, "--json")
    entries = [json.loads(line) for line in printed.out.splitlines()]
    labels = [re.findall(r"\d+", step)[0] for step in steps]
    assert [str(entry["step"]) for entry in entries] == labels


@pytest.mark.parametrize("more", [(), ("--json",), ("--problems",), ("--browser", "all")])
def test_explain_of_nothing(more: tuple[str, ...], run: Run, sign_in: Path) -> None:
    """A focus that matches nothing is an error, as it is for ``check``."""
    told = run("explain", sign_in, "--cookie", "nosuch", *more)
    assert (told.status, told.out) == (2, "")
    assert "nothing in" in told.err


def test_explain_only_the_problems(run: Run, sign_in: Path) -> None:
    """The worst first, with verdict, request, cause and fix; as JSON, one object per line."""
    told = run("explain", sign_in, "--problems")
    counted, problem, warning = told.out.split("\n\n")
    assert counted == "1 problem · 1 warning"
    assert [line.split()[0] for line in problem.splitlines() if not line.startswith("   ")] == [
        "▲", "Request:", "Cause:", "Fix:",
    ]  # fmt: skip
    assert warning.startswith("△ Warning in step 6: 'cart' withheld: ")
    first, second = (
        json.loads(line)
        for line in run("explain", sign_in, "--problems", "--json").out.splitlines()
    )
    assert (first["severity"], first["code"], first["step"]) == ("problem", "same-site-lax", 3)
    assert first["verdict"] == "'oauth_state' withheld: SameSite=Lax, cross-site POST"
    assert first["fix"].startswith("If other sites must cause it")
    assert SECRET not in first["cause"]
    assert (second["severity"], second["step"], second["row"]) == ("warning", 6, 6)
    clean = run("explain", sign_in, "--problems", "--path", "/login")
    assert clean.out == "No problems, no warnings.\n"
    assert run("explain", sign_in, "--problems", "--path", "/login", "--json").out == ""
    for option in ("--jar", "--all-withheld"):
        assert run("explain", sign_in, "--problems", "--json", option).status == 2


def test_explain_lists_the_cookies_of_other_hosts_if_asked(run: Run, tmp_path: Path) -> None:
    """``--all-withheld`` lists what is counted otherwise, with tokens instead of the values."""
    story = Story("https://www.shop.test")
    story.visit("/", None, f"sid={SECRET}; Path=/")
    story.visit("https://api.shop.test/", None)
    story.events[0] = msgspec.structs.replace(story.events[0], sensitive=True)
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in story.events))
    plain, every = (
        json.loads(run("explain", path, "--json", *options).out.splitlines()[1])
        for options in ((), ("--all-withheld",))
    )
    assert (plain["withheld"], plain["withheld_elsewhere"]) == ([], 1)
    (held,) = every["withheld"]
    assert (held["name"], held["domain"], held["reasons"]) == (
        "sid",
        "www.shop.test",
        ["other-host"],
    )
    assert held["value"].startswith("redacted-")
    plainly, fully = (
        " ".join(run("explain", path, *o).out.split()) for o in ((), ("--all-withheld",))
    )
    assert "One cookie of another host of shop.test stays in the jar." in plainly
    assert "One cookie is withheld: 'sid' belongs to www.shop.test" in fully
    assert SECRET not in fully


SEED = [encode(event) for event in seed_story().events]


@pytest.mark.parametrize(
    ("options", "steps", "told"),
    [
        ((), 3, True),
        (("--path", "/*"), 3, False),
        (("--cookie", "other"), 0, False),
        (("--title", "Why <b>None</b>?", "--questions", "1"), 3, True),
    ],
)
def test_the_page_of_the_demo(
    options: tuple[str, ...], steps: int, told: bool, tmp_path: Path, run: Run
) -> None:
    """The demo's own capture becomes its first lesson, and a line says how to get the rest."""
    path = tmp_path / "demo.jsonl"
    path.write_bytes(b"\n".join(SEED))
    result = run("export", path, "--format", "html", *options)
    assert result.status == 0
    assert result.out.count('<tr id="table-') == steps
    assert ("Read Cookie 'user'" in result.out) is told
    assert ("--path '/*' puts everything into it" in result.err) is told
    if "--title" in options:
        assert "<h1>Why &lt;b&gt;None&lt;/b&gt;?</h1>" in result.out
        assert result.out.count("data-right=") == 1


def test_another_capture_is_shown_whole(tmp_path: Path, run: Run) -> None:
    """Only a capture of the demo has a first lesson."""
    path = tmp_path / "shop.jsonl"
    capture, *others = seed_story().events
    assert isinstance(capture, Capture)
    events = (msgspec.structs.replace(capture, sensitive=True), *others)
    path.write_bytes(b"\n".join(map(encode, events)))
    result = run("export", path, "--format", "html")
    assert result.err == ""
    assert "Read Cookie 'user'" not in result.out


def test_an_introduction(tmp_path: Path, run: Run) -> None:
    """The text of a file is on the page, and a handout has no answers."""
    path, intro = tmp_path / "demo.jsonl", tmp_path / "intro.txt"
    path.write_bytes(b"\n".join(SEED))
    intro.write_text("# Today\nWhy None?\n", encoding="utf-8")
    result = run("export", path, "--format", "html", "--intro", intro, "--no-answers")
    assert "<h2>Today</h2>\n<p>Why None?</p>" in result.out
    assert 'class="answer"' not in result.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "csv", "--title", "x"), "--title is for a lesson page, and csv is not one"),
        (("--format", "har", "--no-answers"), "--no-answers is for a lesson page"),
        (("--format", "jsonl", "--questions", "0"), "--questions is for a lesson page"),
        (("--format", "html", "--intro", "nothing.txt"), "'nothing.txt' does not exist"),
        (("--format", "html", "--intro", "latin.txt"), "latin.txt is not UTF-8 text"),
        (("--format", "html", "--intro", "long.txt"), "long.txt is too long"),
        (("--format", "html", "--questions", "99"), "0<=x<=50"),
    ],
)
def test_options_of_a_page_that_cannot_be_used(
    options: tuple[str, ...],
    words: str,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line says what to do, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("demo.jsonl").write_bytes(b"\n".join(SEED))
    Path("latin.txt").write_bytes(b"caf\xe9")
    Path("long.txt").write_text("x" * 100_001, encoding="utf-8")
    result = run("export", "demo.jsonl", *options)
    assert result.status == 2
    assert result.out == ""
    assert words in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "focus"),
    [((), None), (("--cookie", "nope"), "cookie nope"), (("--host", "a.test"), None)],
)
def test_an_export_of_nothing(
    options: tuple[str, ...], focus: str | None, tmp_path: Path, run: Run
) -> None:
    """A focus without matches still gives a file, and a line says why it is empty."""
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in CAPTURE))
    result = run("export", path, "--format", "csv", *options)
    assert result.out.startswith("Step,Action")
    assert (focus is None) == (result.err == "")
    assert focus is None or f"matches {focus}: `cookietrace explain FILE`" in result.err


@pytest.mark.parametrize("command", ["check", "export"])
@pytest.mark.parametrize("name", ["a.jsonl", "link.jsonl", "hard.jsonl"])
def test_the_file_that_is_read_is_not_replaced(
    run: Run, tmp_path: Path, command: str, name: str
) -> None:
    """Not with --force either, and not by another name of the file."""
    file = tmp_path / "a.jsonl"
    events = (*CAPTURE, Response(exchange_id="e1", at=2.0, status_code=200))
    file.write_bytes(b"".join(encode(event) + b"\n" for event in events))
    before = file.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(file)
    (tmp_path / "hard.jsonl").hardlink_to(file)
    result = run(command, file, "-o", tmp_path / name, "--force")
    refused(result, "is the file being read")
    assert file.read_bytes() == before


def test_a_jar_for_other_tools(run: Run, tmp_path: Path) -> None:
    """The jar at a step, in other tools' formats: with tokens, unless values are asked for."""
    capture = written(tmp_path / "a.cookietrace", test_what_if.sign_in())
    for name in ("storage-state", "cookies.txt", "devtools", "curl"):
        assert run("export", capture, "-f", name).out.count("sid") == 1
    early = json.loads(run("export", capture, "-f", "storage-state", "--at", "1").out)
    late = json.loads(
        run("export", capture, "-f", "storage-state", "--at", "2", "--client", "1").out
    )
    assert (early["cookies"], [each["name"] for each in late["cookies"]]) == ([], ["sid"])
    refused(run("export", capture, "-f", "curl", "--at", "77"), "--at: there is no step 77")
    refused(run("export", capture, "-f", "curl", "--client", "2"), "there are clients 1 to 1")
    refused(run("export", capture, "-f", "har", "--at", "1"), "--at chooses a jar")


def test_a_jar_of_two_clients_with_ports(run: Run, tmp_path: Path) -> None:
    """A file holds one client's jar; curl asks the servers that this client has asked."""
    story = Story("http://127.0.0.1:5000")
    for client, other in (("c1", "http://shop.test:8080/x"), ("c2", "https://shop.test/")):
        for url in ("/", other):
            exchange_id = story.ask(url, client_id=client)
            story.respond(exchange_id, f"from={client}")
    capture = written(tmp_path / "a.cookietrace", story)
    told = "clients 1, 2 hold cookies, and a file holds one jar: choose one with --client, as in"
    refused(run("export", capture, "-f", "storage-state"), f"{told} --client 1")
    at = run("export", capture, "-f", "storage-state", "--at", "7")
    refused(at, f"{told} --client 1 (step 7 is a request of client 2)")
    for client, url in (("1", "http://shop.test:8080/"), ("2", "https://shop.test/")):
        commands = run("export", capture, "-f", "curl", "--client", client).out.splitlines()
        assert [line.rpartition(" ")[2] for line in commands] == ["http://127.0.0.1:5000/", url]


@pytest.mark.parametrize("cores", [1, 2])
def test_explain_a_large_capture(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """Another process does half of the work if there is a processor for it: nobody notices."""
    file = tmp_path / "large.cookietrace"
    SHAPES["ordinary"](file, 400, 14)
    alone = run("explain", "--json", file)
    assert len(alone.out.splitlines()) == 400
    monkeypatch.setattr(beside, "_LARGE", 0)
    monkeypatch.setattr(beside, "cores", lambda: cores)
    assert run("explain", "--json", file) == alone
    assert run("explain", "--json", tmp_path / "none").status == 2
