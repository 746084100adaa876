"""The Containerfile as data, and its steps run without a container engine.

``python -m tests.containerfile FOLDER [PYTHON]`` runs them in an empty folder that stands for the
image's root: it copies what the build gets, runs the steps of the first stage (with the network, as
a build has it), writes the settings of the second one, starts the entry point, asks the health
check until it is content, records one exchange with an app on loopback, and ends the recording as
an engine does. It needs no right to change this machine, so it makes no user.
"""

from __future__ import annotations

import fnmatch
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

from dockerfile_parse import DockerfileParser

import cookietrace
from tests.ports import FreePort, held_ports

ROOT = Path(cookietrace.__file__).parents[1]
PLACES = ("/source", "/wheels", "/opt/cookietrace", "/data", "/home/cookietrace")
"""The folders of the image that its steps name."""

START_SECONDS = 60.0
STEP_SECONDS = 400.0
_AS_ROOT = re.compile(r" --(owner|group)=\S+")


class Step(NamedTuple):
    """One instruction of the Containerfile."""

    name: str
    """In capitals, such as ``RUN``."""
    value: str
    """In one line."""

    @property
    def words(self) -> list[str]:
        """The value as a list: of the JSON form, or as a shell would split it."""
        return json.loads(self.value) if self.value.startswith("[") else shlex.split(self.value)


def stages(text: str | None = None) -> list[list[Step]]:
    """Return the instructions of each stage, which begins with its FROM."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8") if text is None else text
    found: list[list[Step]] = []
    for each in DockerfileParser(fileobj=io.StringIO(text)).structure:
        step = Step(each["instruction"], each["value"])
        if step.name == "FROM":
            found.append([])
        if found and step.name != "COMMENT":
            found[-1].append(step)
    return found


def only(stage: Sequence[Step], name: str) -> Step:
    """Return the one instruction of that name in a stage."""
    (step,) = (step for step in stage if step.name == name)
    return step


def of_name(stage: Sequence[Step], name: str) -> list[Step]:
    """Return the instructions of that name in a stage."""
    return [step for step in stage if step.name == name]


def environment(stage: Sequence[Step]) -> dict[str, str]:
    """Return the variables that a stage sets."""
    return dict(
        pair for step in of_name(stage, "ENV") for word in step.words for pair in [_pair(word)]
    )


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def context(ignore: str | None = None) -> list[str]:
    """Return the names at the top of the checkout that a build gets, folders with a slash."""
    text = (ROOT / ".containerignore").read_text(encoding="utf-8") if ignore is None else ignore
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    seen = []
    for path in sorted(ROOT.iterdir()):
        hidden = False
        for line in lines:
            kept = line.startswith("!")
            if fnmatch.fnmatchcase(path.name, line.lstrip("!").rstrip("/")):
                hidden = not kept
        if not hidden:
            seen.append(f"{path.name}/" if path.is_dir() else path.name)
    return seen


def health_check(stage: Sequence[Step]) -> list[str]:
    """Return the command of a stage's health check."""
    _, _, command = only(stage, "HEALTHCHECK").value.partition("CMD ")
    return Step("CMD", command).words


class Rehearsal:
    """The steps of the Containerfile, in a folder that stands for the root of the image."""

    def __init__(self, folder: Path, python: str, free_port: FreePort) -> None:
        self._folder = folder
        self._build, self._image = stages()
        self._ports = {"8080": free_port(), "8081": free_port()}
        tools = folder / "bin"
        tools.mkdir(parents=True)
        (tools / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(python)} "$@"\n')
        (tools / "python").chmod(0o755)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self._outside = {
            **kept,
            **pip,
            "PIP_QUIET": "1",
            "HOME": str(self._at("/home/cookietrace")),
        }
        self._outside["PATH"] = f"{tools}:{self._outside['PATH']}"

    def build(self) -> None:
        """Run the first stage, and of the second one what makes the settings."""
        for place in PLACES:
            self._at(place).mkdir(parents=True)
        visible = {name.rstrip("/") for name in context()}
        for step in of_name(self._build, "COPY"):
            *names, _ = step.words
            for name in names:
                assert name in visible, f"{name} is not in the build's context"
                self._copy(name)
        for step in of_name(self._build, "RUN"):
            self._run(step.value, self._build, cwd="/source")
        for step in of_name(self._image, "RUN"):
            for command in step.value.split("&&"):
                if not command.strip().startswith("useradd "):
                    self._run(_AS_ROOT.sub("", command), self._image, cwd="/data")

    def try_it(self) -> str:
        """Record one exchange, and return what ``explain`` says about it."""
        started = only(self._image, "ENTRYPOINT").words + only(self._image, "CMD").words
        with _app() as url, self._recorder(started) as recorder:
            while self._healthy() != 0:
                assert recorder.poll() is None, "the recorder ended"
                time.sleep(0.1)
            proxy = urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{self._ports['8080']}"})
            with urllib.request.build_opener(proxy).open(url, timeout=STEP_SECONDS) as response:
                assert response.status == 200
        assert self._healthy() == 1, "the health check is content with a recorder that has ended"
        (capture,) = self._at("/data").rglob("*.cookietrace")
        return self._output("cookietrace", "explain", str(capture))

    @contextmanager
    def _recorder(self, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Run the entry point; end it with the file's signal, which is a clean end."""
        process = subprocess.Popen(
            self._path_of(command), cwd=self._at("/data"), env=self._variables(self._image)
        )
        timer = threading.Timer(START_SECONDS, process.kill)
        timer.start()
        try:
            yield process
        finally:
            process.send_signal(getattr(signal, only(self._image, "STOPSIGNAL").value))
            status = process.wait()
            timer.cancel()
        assert status == 0, f"the recording was cut short: status {status}"

    def _healthy(self) -> int:
        command = [self._here(word) for word in health_check(self._image)]
        return subprocess.run(
            self._path_of(command),
            env=self._variables(self._image),
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode

    def _output(self, *command: str) -> str:
        return subprocess.run(
            self._path_of(command),
            env=self._variables(self._image),
            check=True,
            capture_output=True,
            text=True,
            timeout=STEP_SECONDS,
        ).stdout

    def _run(self, command: str, stage: Sequence[Step], cwd: str) -> None:
        subprocess.run(
            ["/bin/sh", "-ec", self._here(command)],
            cwd=self._at(cwd),
            env=self._variables(stage),
            check=True,
            timeout=STEP_SECONDS,
        )

    def _path_of(self, command: Sequence[str]) -> list[str]:
        """Return a command whose program was looked up in the image's PATH, not in ours."""
        found = shutil.which(command[0], path=self._variables(self._image)["PATH"])
        assert found is not None, f"{command[0]} is not in the image"
        return [found, *command[1:]]

    def _variables(self, stage: Sequence[Step]) -> dict[str, str]:
        variables = dict(self._outside)
        for name, value in environment(stage).items():
            if name != "PIP_NO_CACHE_DIR":  # of no use outside an image
                variables[name] = self._here(value.replace("$PATH", variables["PATH"]))
        return variables

    def _copy(self, name: str) -> None:
        source, target = ROOT / name, self._at("/source") / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def _at(self, place: str) -> Path:
        return self._folder / "root" / place.lstrip("/")

    def _here(self, text: str) -> str:
        """Return a step with the folders and the ports of this rehearsal."""
        places = "|".join(map(re.escape, PLACES))
        text = re.sub(rf"(?<![\w/])(?:{places})\b", lambda match: str(self._at(match[0])), text)
        ports = "|".join(self._ports)
        return re.sub(
            rf"(?:0\.0\.0\.0|127\.0\.0\.1):({ports})",
            lambda match: f"127.0.0.1:{self._ports[match[1]]}",
            text,
        )


@contextmanager
def _app() -> Iterator[str]:
    """Serve a page that sets a cookie."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Set-Cookie", "seen=1; Path=/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            del format, arguments

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


def main(arguments: Sequence[str]) -> int:
    """Run the steps in an empty folder, with the Python that is given or with this one."""
    folder = Path(arguments[0]).resolve()
    python = arguments[1] if len(arguments) > 1 else sys.executable
    begun = time.monotonic()
    with held_ports() as free_port:
        rehearsal = Rehearsal(folder, python, free_port)
        rehearsal.build()
        built = time.monotonic()
        story = rehearsal.try_it()
    assert "'seen'" in story, story
    print(
        f"the Containerfile's steps: built in {built - begun:.0f} s, "
        f"recorded and explained in {time.monotonic() - built:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
