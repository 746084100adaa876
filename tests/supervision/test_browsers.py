"""A browser that we open: it uses the proxy, and nothing of it is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cookietrace.errors import LaunchError
from cookietrace.stores import create_capture
from cookietrace.supervision import browser_keeper, child, script_watching, telling
from cookietrace.supervision.browser_profile import (
    NO_CERTUTIL,
    PREPARE,
    Launch,
    distrust,
    prepare_firefox,
    profile_environment,
    profile_parent,
)
from cookietrace.supervision.browsers import (
    NAMES,
    Browser,
    Listening,
    find_browser,
    kinds,
    launch,
    require_display,
)
from cookietrace.supervision.visits import visit_with_chromium, visit_with_own_client
from tests.processes import running_with, wait_until
from tests.supervision.conftest import Origin

LAUNCH_AND_WAIT = """
import sys, time
from cookietrace.supervision.browsers import Browser, launch
launched = launch(Browser("chromium", sys.argv[1]), proxy=sys.argv[2], url=sys.argv[3],
                  headless=True)
print(launched.profile, flush=True)
if sys.argv[4] == "crash":
    raise SystemError("on purpose")
time.sleep(600)
"""

DEPTH = 3

STUBBORN = f"""
import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
below = int(os.environ.get("BELOW", "{DEPTH}"))
if below:
    below = str(below - 1)
    subprocess.Popen([__file__], env={{**os.environ, "BELOW": below}}, start_new_session=True)
time.sleep(600)
"""


def test_loopback_goes_through_the_proxy(origin: Origin, chromium: Browser) -> None:
    """The browser requests localhost through the proxy too, and is gone after close."""
    url = "http://localhost:1234/page"
    with launch(chromium, proxy=origin.address, url=url, headless=True) as launched:
        origin.wait_for(url)
        assert launched.running()
    assert not launched.running()
    assert not launched.profile.exists()
    assert running_with(str(launched.profile)) == []
    launched.close()


@pytest.mark.parametrize("ending", ["SIGKILL", "crash"])
def test_nothing_is_left_when_the_launcher_dies(
    origin: Origin, chromium: Browser, ending: str
) -> None:
    """However the launching process ends, browser and profile are removed."""
    url = "http://localhost:1234/page"
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCH_AND_WAIT, chromium.path, origin.address, url, ending],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with launcher:
        assert launcher.stdout is not None
        profile = Path(launcher.stdout.readline().strip())
        if ending != "crash":
            origin.wait_for(url)
            launcher.send_signal(signal.Signals[ending])
    wait_until(lambda: not profile.exists(), "the profile is removed")
    wait_until(lambda: running_with(str(profile)) == [], "the browser has ended")


def test_closing_the_window_removes_the_profile(origin: Origin, chromium: Browser) -> None:
    """When a browser ends by itself, its profile is removed."""
    with launch(chromium, proxy=origin.address, headless=True) as launched:
        wait_until(lambda: running_with(str(launched.profile)) != [], "the browser runs")
        kept = Path(f"/proc/{launched.keeper_pid}/task/{launched.keeper_pid}/children")
        browser, *_ = kept.read_text().split()  # then what it orphaned, such as crashpad's
        os.kill(int(browser), signal.SIGTERM)
        wait_until(lambda: not launched.running(), "the keeper has ended")
        assert not launched.profile.exists()


def test_the_keeper_ends_cleanly_at_sigterm(origin: Origin, chromium: Browser) -> None:
    """SIGTERM to the keeper ends the browser cleanly too."""
    with launch(chromium, proxy=origin.address, headless=True) as launched:
        os.kill(launched.keeper_pid, signal.SIGTERM)
        wait_until(lambda: not launched.running(), "the keeper has ended")
        assert not launched.profile.exists()
        assert running_with(str(launched.profile)) == []


def test_descendants_outside_the_browsers_group_are_ended_too(tmp_path: Path) -> None:
    """However deep they are, and even if they ignore SIGTERM."""
    program = tmp_path / "chromium"
    program.write_text(f"#!{sys.executable}\n{STUBBORN}")
    program.chmod(0o755)
    with launch(Browser("chromium", str(program)), proxy="127.0.0.1:1", headless=True) as launched:
        profile = str(launched.profile)
        wait_until(lambda: len(running_with(profile)) == 1 + DEPTH, "all of it runs")
    assert running_with(profile) == []
    assert not launched.profile.exists()


def test_a_keeper_gets_enough_time() -> None:
    """If killed while it ends a browser, it would leave the profile behind."""
    longest = 2 * browser_keeper.CLOSE_PATIENCE + browser_keeper.REMOVE_PATIENCE
    longest += script_watching.END_PATIENCE + telling.END_PATIENCE
    assert longest < child.STOP_PATIENCE


def test_two_visits_by_chromium(origin: Origin, chromium: Browser) -> None:
    """The second visit waits for the first, so it sends the cookie."""
    visit_with_chromium(chromium, "http://shop.test/", proxy=origin.address, ca=None)
    cookies = [cookie for url, cookie in origin.requests if url == "http://shop.test/"]
    assert cookies == [None, "user=Alice"]


def test_two_visits_by_our_own_client(origin: Origin) -> None:
    """Our own client stores cookies like a browser."""
    visit_with_own_client("http://shop.test/", proxy=origin.address)
    assert origin.requests == [("http://shop.test/", None), ("http://shop.test/", "user=Alice")]


def test_our_own_client_without_a_proxy() -> None:
    """A proxy that does not respond is one error line."""
    with pytest.raises(LaunchError, match=r"^the proxy at 127\.0\.0\.1:1 did not respond: [^\n]*$"):
        visit_with_own_client("http://shop.test/", proxy="127.0.0.1:1")


@pytest.mark.parametrize("kind", kinds())
def test_no_browser_found(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line lists every name that was tried."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError) as caught:
        find_browser(kind)
    assert "\n" not in str(caught.value)
    for name in NAMES[kind]:
        assert name in str(caught.value)


def test_no_display() -> None:
    """Without a display there is an error before a browser is started."""
    require_display({"DISPLAY": ":0"})
    require_display({"WAYLAND_DISPLAY": "wayland-0"})
    with pytest.raises(LaunchError, match="there is no display"):
        require_display({})


def test_a_browser_that_cannot_be_started(tmp_path: Path) -> None:
    """A file that is not a program is one error line, and no profile is left."""
    program = tmp_path / "chromium"
    program.write_text("not a program")
    program.chmod(0o755)
    with pytest.raises(LaunchError, match=r"^cannot open [^\n]*chromium: [^\n]*$"):
        launch(Browser("chromium", str(program)), proxy="127.0.0.1:1", headless=True)


def test_firefox_sends_loopback_through_the_proxy(tmp_path: Path) -> None:
    """The profile sets the proxy for http and https, loopback included."""
    launch_it = Launch(
        path="firefox", profile=tmp_path, proxy="[::1]:9", ca=None, url=None, headless=True
    )
    command = prepare_firefox(launch_it)
    preferences = (tmp_path / "user.js").read_text()
    assert command[-1] == "about:blank"
    assert str(tmp_path) in command
    for line in (
        'user_pref("network.proxy.http", "::1");',
        'user_pref("network.proxy.ssl_port", 9);',
        'user_pref("network.proxy.allow_hijacking_localhost", true);',
    ):
        assert line in preferences.splitlines()


def test_a_firefox_that_is_listened_to(tmp_path: Path) -> None:
    """It differs in its port, which speaks BiDi only, and in nothing else; it opens no page yet."""
    commands, preferences = [], []
    for by_port in (False, True):
        profile = tmp_path / str(by_port)
        profile.mkdir()
        launch_it = Launch(
            path="firefox",
            profile=profile,
            proxy="127.0.0.1:9",
            ca=None,
            url="http://h.test/",
            headless=False,
            by_port=by_port,
        )
        commands.append([word.replace(str(profile), "P") for word in prepare_firefox(launch_it)])
        preferences.append((profile / "user.js").read_text().splitlines())
    plain, heard = commands
    assert plain == ["firefox", "--no-remote", "--new-instance", "--profile", "P", "http://h.test/"]
    assert heard == [*plain[:-1], "--remote-debugging-port=0", "about:blank"]
    assert preferences[1] == [
        *preferences[0],
        'user_pref("remote.prefs.recommended", false);',
        'user_pref("remote.active-protocols", 1);',
    ]


@pytest.mark.parametrize(
    ("certutil", "line"),
    [
        (None, NO_CERTUTIL),
        ("exit 3", "Firefox will refuse https: certutil ended with status 3, so it does not kno"),
        ('echo "$@" >> "$(dirname "$0")/told"', None),
    ],
)
def test_a_firefox_that_is_not_told_of_the_ca(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certutil: str | None, line: str | None
) -> None:
    """One line says why it will refuse https, before it opens; one that is told needs none."""
    programs = {"firefox": "exec /bin/sleep 600", "certutil": certutil}
    for name, script in programs.items():
        if script is not None:
            (tmp_path / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ca = tmp_path / "ca.pem"
    ca.write_text("a certificate")
    lines: list[str] = []
    reading, writing = os.pipe()
    browser = find_browser("firefox")
    create_capture(tmp_path / "capture").close()
    listening = Listening(tmp_path / "capture", writing, lines.append)
    with launch(browser, proxy="127.0.0.1:9", ca=ca, headless=True, listening=listening) as opened:
        told = f"-d sql:{opened.profile} -A -t C,, -n mitmproxy -i {ca}"
    os.close(reading)
    os.close(writing)
    assert [each[: len(line or "")] for each in lines] == ([] if line is None else [line])
    assert (distrust("firefox"), distrust("chromium")) == (
        NO_CERTUTIL if certutil is None else None,
        None,
    )
    if line is None:
        assert told in (tmp_path / "told").read_text().splitlines()


@pytest.mark.parametrize("blocks", [False, True])
def test_third_party_cookies_in_a_new_profile(tmp_path: Path, blocks: bool) -> None:
    """They are blocked on request; otherwise each browser's own default applies."""
    for kind in kinds():
        profile = tmp_path / kind
        profile.mkdir()
        PREPARE[kind](
            Launch(
                path=kind,
                profile=profile,
                proxy="127.0.0.1:9",
                ca=None,
                url=None,
                headless=True,
                block_third_party_cookies=blocks,
            )
        )
    chromium = json.loads((tmp_path / "chromium/Default/Preferences").read_text("utf-8"))
    assert chromium["profile"]["cookie_controls_mode"] == (1 if blocks else 2)
    firefox = (tmp_path / "firefox/user.js").read_text()
    assert ('user_pref("network.cookie.cookieBehavior", 1);' in firefox) is blocks


def test_a_browser_from_a_snap_gets_a_profile_that_it_can_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snap has its own temporary folder, so the profile goes into its common data."""
    monkeypatch.setenv("HOME", str(tmp_path))
    common = tmp_path / "snap" / "chromium" / "common"
    usual = profile_parent("/usr/bin/chromium")
    assert profile_parent("/snap/bin/chromium") == usual
    common.mkdir(parents=True)
    assert profile_parent("/snap/bin/chromium") == common
    assert profile_parent("/usr/bin/chromium") == usual


@pytest.mark.parametrize(
    ("folder", "parent"), [("/tmp/short", "/tmp/short"), ("/tmp/" + "deep/" * 10, "/tmp")]
)
def test_the_profiles_path_is_short_enough_for_its_socket(
    monkeypatch: pytest.MonkeyPatch, folder: str, parent: str
) -> None:
    """A temporary folder with too long a path for Chromium's socket is not used."""
    monkeypatch.setattr(tempfile, "tempdir", folder)
    assert profile_parent("/usr/bin/chromium") == Path(parent)


def test_a_browser_keeps_its_files_in_its_profile(tmp_path: Path) -> None:
    """Settings, crash reports and caches go to the profile, never to the user's home."""
    environment = profile_environment(tmp_path)
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        assert Path(environment[variable]).is_relative_to(tmp_path)
