"""``publish``, ``--publish``, and the commands that read from Redis."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from cookietrace.cli import cookietrace_command
from cookietrace.errors import CaptureError, LaunchError
from cookietrace.events import Capture, Response
from cookietrace.publishing.options import PublishingOptions
from cookietrace.stores import create_capture, events_of, open_store
from cookietrace.stores.redis_streams.opening import open_redis
from cookietrace.supervision.publishing import Destination
from cookietrace.supervision.recording import RecordingOptions, recording
from tests.publishing.local import fresh_name
from tests.redis_server import RedisServer
from tests.verdict_stories import rich


def run(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cookietrace_command, [str(each) for each in arguments])


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A finished capture with every kind of verdict."""
    path = tmp_path / "shop.cookietrace"
    info, *events = rich().events
    assert isinstance(info, Capture)
    with create_capture(path, info=info) as store:
        store.append(events)
    return path


def test_a_finished_capture_is_published_once(capture: Path, redis_server: RedisServer) -> None:
    """Its name is the file's by default; every command reads it by its URL."""
    name = fresh_name()
    done = run("publish", "--once", capture, redis_server.url(name))
    assert done.exit_code == 0
    place = f"redis+unix://{redis_server.socket}?capture={name}"
    assert re.search(rf"published to {re.escape(place)}: (\d+) of \1 events, complete", done.output)
    again = run("publish", "--once", capture, redis_server.url(name))
    assert again.exit_code == 0
    url = redis_server.url(name)
    ours = json.loads(run("explain", url, "--json").output.splitlines()[0])
    theirs = json.loads(run("explain", capture, "--json").output.splitlines()[0])
    assert ours["set_cookies"][0]["outcome"] == theirs["set_cookies"][0]["outcome"]
    told = run("check", url, "--format", "json")
    assert json.loads(told.stdout)["source"] == url
    by_file = run("publish", "--once", capture, f"redis+unix://{redis_server.socket}")
    assert by_file.exit_code == 0
    listed = run("captures", "list", f"redis+unix://{redis_server.socket}")
    assert "  shop  on " in listed.output
    assert "no longer published" in listed.output


def test_an_export_of_it_can_be_read_again(
    capture: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    """JSON Lines, HAR and the page are written as from a file."""
    url = redis_server.url(fresh_name())
    run("publish", "--once", capture, url)
    for name in ("jsonl", "har", "html"):
        out = tmp_path / f"out.{name}"
        done = run("export", url, "--format", name, "-o", out)
        assert done.exit_code == 0, done.output
        assert out.stat().st_size > 1000
    assert run("explain", tmp_path / "out.jsonl", "--json").output == (
        run("explain", url, "--json").output
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["publish", "{file}", "redis://h/0?capture=a-*"], "does not name one capture"),
        (["captures", "delete", "redis://h/0?capture=a"], "what is published is a copy"),
        (["captures", "compact", "redis://h/0?capture=a"], "what is published is a copy"),
        (["publish", "{file}", "http://h/0"], "not the URL of a Redis server"),
        (["publish", "redis://h/0?capture=a", "redis://h/0"], "name its file"),
        (["publish", "{file}", "redis://h", "--publish-max-age", "x"], "--publish-max-age must be"),
        (["captures", "list", "http://h"], "is not the URL of a Redis server"),
        (["publish", "{file}", "redis://h", "--token-key", "/nowhere/k"], "cannot be read"),
        (["proxy", "--publish", "redis://h/0"], "--publish: add ?capture=NAME"),
        (["proxy", "--publish", "redis://:pw@h/0"], "a password on the command line"),
    ],
)
def test_bad_input_is_one_line(capture: Path, arguments: list[str], said: str) -> None:
    """Nothing is started, and nothing is connected to."""
    done = run(*[each.format(file=capture) for each in arguments])
    assert isinstance(done.exception, CaptureError | LaunchError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)


def test_nothing_is_published_once_to_a_server_that_is_away(capture: Path, tmp_path: Path) -> None:
    """``--once`` does not wait for it."""
    done = run("publish", "--once", capture, f"redis+unix://{tmp_path}/none?capture=a")
    assert isinstance(done.exception, CaptureError)
    assert "Redis cannot be reached" in str(done.exception)


def test_a_recording_is_published_to_its_end(own_redis_server: RedisServer, tmp_path: Path) -> None:
    """While Redis is away, recording continues; what was recorded last is published at the end."""
    url = own_redis_server.url("recording")
    said: list[str] = []
    wanted = RecordingOptions(
        listen="127.0.0.1:0",
        capture=tmp_path / "c.cookietrace",
        confdir=tmp_path,
        publish=Destination(url, PublishingOptions()),
    )
    with _app() as port:
        with recording(wanted, said.append, echo=True) as running:
            proxy = urllib.request.ProxyHandler({"http": f"http://{running.listen}"})
            opener = urllib.request.build_opener(proxy)
            for number in range(5):
                if number == 2:
                    own_redis_server.kill()
                with opener.open(f"http://127.0.0.1:{port}/{number}") as response:
                    assert response.status == 200
            own_redis_server.start()
        assert running.end().whole
    with closing(open_redis(url)) as store:
        events = list(events_of(store))
        assert not store.is_live
    assert sum(isinstance(event, Response) for event in events) == 5
    assert b"the-secret" not in own_redis_server.stored()
    with closing(open_store(tmp_path / "c.cookietrace")) as store:
        count = len(list(events_of(store)))
    assert said[-1] == f"published to {url}: {count} of {count} events, complete"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Set-Cookie", f"n=the-secret-{self.path[1:]}; Path=/")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def _app() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
