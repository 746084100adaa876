"""The browsers that this user runs now, with their proxy settings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from cookietrace.doctor.bypass import split
from cookietrace.doctor.facts import Browser, NotLooked, Proxy
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.passwords import without_password
from cookietrace.doctor.looking.profiles import Profile, firefox_profile, firefox_settings
from cookietrace.protocol import PROFILE_PREFIX
from cookietrace.safe_text import safe

_CHROMIUMS = {
    "chromium": "Chromium",
    "chromium-browser": "Chromium",
    "chrome": "Chrome",
    "google-chrome": "Chrome",
    "google chrome": "Chrome",
    "msedge": "Edge",
    "microsoft edge": "Edge",
    "brave": "Brave",
    "brave browser": "Brave",
    "vivaldi": "Vivaldi",
    "vivaldi-bin": "Vivaldi",
    "headless_shell": "Chromium",
}
_RECORDERS = frozenset({"watch", "proxy", "demo"})
_FIREFOXES = frozenset({"firefox", "firefox-esr", "firefox-bin"})


def running_browsers(
    machine: Machine, profiles: Sequence[Profile]
) -> Iterator[Browser | NotLooked]:
    """Yield the browsers that run, each once; their child processes are none of them."""
    seen = set()
    commands = _commands(machine)
    if commands is None:
        yield NotLooked("running browsers", "the processes cannot be listed")
        return
    for command in commands:
        browser = _browser(machine, command, profiles)
        if browser is not None and browser not in seen:
            seen.add(browser)
            yield browser


def command_of(machine: Machine, process: int) -> tuple[str, ...]:
    """Return the command line of a process; empty if it cannot be read."""
    if machine.system == "linux":
        content = _command_line(machine.at(f"/proc/{process}/cmdline"))
        return content or ()
    printed = machine.output(["ps", "-ww", "-o", "args=", "-p", str(process)])
    return tuple((printed or "").split())


def started_by(machine: Machine, process: int) -> str | None:
    """Return the subcommand of ``cookietrace`` that started a process; None if it is not known."""
    try:
        status = machine.at(f"/proc/{process}/status").read_text(errors="replace")
    except OSError:
        return None
    parent = re.search(r"^PPid:\s*([0-9]{1,10})$", status, re.MULTILINE)
    command = () if parent is None else command_of(machine, int(parent[1]))
    for program, word in pairwise(command):
        if os.path.basename(program) == "cookietrace":  # noqa: PTH119 - of text from another process
            return word if word in _RECORDERS else None
    return None


def captures_of(machine: Machine) -> Iterator[Path]:
    """Yield the captures that the command lines of this user's recorders name, on Linux."""
    folder = machine.at("/proc")
    for process, command in (_of_linux(machine) or ()) if machine.system == "linux" else ():
        if _PROXY in command:
            for part in command:
                if part.startswith("--capture="):
                    try:
                        yield (folder / process / "cwd").readlink() / part.partition("=")[2]
                    except OSError:
                        continue


_PROXY = "proxy_addon"
"""The module that records."""


def _commands(machine: Machine) -> list[tuple[str, ...]] | None:
    """Return the command lines of this user's processes; None if they cannot be listed."""
    if machine.system == "linux":
        found = _of_linux(machine)
        return None if found is None else [command for _, command in found]
    printed = machine.output(["ps", "-xww", "-o", "args="])
    # Arguments are separated by spaces there, and so are parts of a program's path.
    return None if printed is None else [_parted(line) for line in printed.splitlines()]


def _of_linux(machine: Machine) -> list[tuple[str, tuple[str, ...]]] | None:
    """Return the ids and the command lines of this user's processes."""
    folder = machine.at("/proc")
    found = []
    try:
        names = [each for each in os.listdir(folder) if each.isdecimal()]  # noqa: PTH208 - thousands
    except OSError:
        return None
    for name in names:
        command = _command_line(folder / name / "cmdline", os.getuid())
        if command:
            found.append((name, command))
    return found


def _command_line(path: Path, owner: int | None = None) -> tuple[str, ...] | None:
    try:
        if owner is not None and path.stat().st_uid != owner:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return tuple(part.decode(errors="replace") for part in content.rstrip(b"\0").split(b"\0"))


def _parted(line: str) -> tuple[str, ...]:
    program, separator, rest = line.partition(" -")
    return (program, *(f"-{part}" for part in rest.split(" -"))) if separator else (program,)


def _browser(
    machine: Machine, command: tuple[str, ...], profiles: Sequence[Profile]
) -> Browser | None:
    # Chromium may write its whole command line into the first argument.
    first = command[0].partition(" --")[0]
    name = os.path.basename(first).lower()  # noqa: PTH119 - of text from another process
    options = [*command[1:], *(f"--{part}" for part in command[0].split(" --")[1:])]
    if name in _CHROMIUMS:
        return _chromium(name, options)
    if name in _FIREFOXES and not any(option == "-contentproc" for option in options):
        return _firefox(machine, options, profiles)
    return None


def _chromium(name: str, options: Sequence[str]) -> Browser | None:
    given = {
        name: value
        for option in options
        if option.startswith("--")
        for name, _, value in [option.lstrip("-").partition("=")]
    }
    if "type" in given:
        return None
    proxy: Proxy | None = None
    bypass = split(given.get("proxy-bypass-list", ""))
    if "no-proxy-server" in given:
        proxy = Proxy()
    elif "proxy-server" in given:
        address = without_password(given["proxy-server"].partition(";")[0].rpartition("=")[2])
        proxy = Proxy(address.partition("://")[2] or address, None, tuple(map(safe, bypass)))
    elif "proxy-pac-url" in given:
        proxy = Proxy(None, without_password(given["proxy-pac-url"]))
    return Browser(
        "chromium",
        _CHROMIUMS[name],
        running=True,
        proxy=proxy,
        proxies_loopback="<-loopback>" in bypass,
        quic="disable-quic" not in given,
        opened=Path(given.get("user-data-dir", "")).name.startswith(PROFILE_PREFIX),
    )


def _firefox(machine: Machine, options: Sequence[str], profiles: Sequence[Profile]) -> Browser:
    folder = None
    for flag, value in pairwise(options):
        if flag.lstrip("-") == "profile":
            folder = Path(value)
    known = [each for each in profiles if each.family == "firefox"]
    default = next((each for each in known if each.default), None)
    if folder is not None:
        found = firefox_settings(machine, firefox_profile(machine, folder), running=True)
        return msgspec.structs.replace(found, opened=folder.name.startswith(PROFILE_PREFIX))
    if default is not None:
        return firefox_settings(machine, default, running=True)
    return Browser("firefox", "Firefox", running=True)
