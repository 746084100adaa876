"""The proxy settings of GNOME, macOS and Windows, as their own programs print them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from cookietrace.doctor.bypass import split
from cookietrace.doctor.facts import NotLooked, Proxy, SystemProxy
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.passwords import without_password
from cookietrace.safe_text import safe

_INTERNET_SETTINGS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"

Found = Iterator[SystemProxy | NotLooked]
Parse = Callable[[str], tuple[Proxy, Proxy]]


def system_proxies(machine: Machine) -> Found:
    """Yield each system's settings, or why they were not looked at.

    On Linux, ``reg.exe`` is there within Windows (WSL), whose browsers a user may mean.
    """
    if machine.system == "macos":
        yield from _read("macOS", _macos, machine.output(["scutil", "--proxy"]), "scutil")
    if machine.system == "linux":
        command = ["gsettings", "list-recursively", "org.gnome.system.proxy"]
        yield from _read("GNOME", _gnome, machine.output(command), "gsettings")
    registry = next(filter(machine.program, ("reg.exe", "reg")), None)
    if machine.system == "windows" or registry is not None:
        printed = machine.output([registry or "reg", "query", _INTERNET_SETTINGS])
        yield from _read("Windows", _windows, printed, "reg")


def _read(system: str, parse: Parse, printed: str | None, program: str) -> Found:
    if printed is None:
        yield NotLooked(f"{system}'s proxy settings", f"`{program}` is missing or failed")
    else:
        http, https = parse(printed)
        yield SystemProxy(system, http, https)


def _address(host: str, port: str) -> str | None:
    return safe(f"{host}:{port}") if host and port.isdecimal() and int(port) else None


def _gnome(printed: str) -> tuple[Proxy, Proxy]:
    """Read what ``gsettings list-recursively`` prints: schema, key and value in each line."""
    found: dict[tuple[str, str], str] = {}
    for line in printed.splitlines():
        schema, _, rest = line.partition(" ")
        key, _, value = rest.partition(" ")
        found[schema.removeprefix("org.gnome.system.proxy").removeprefix("."), key] = value
    mode = _literal(found.get(("", "mode"), "''"))
    if mode == "auto":
        url = str(_literal(found.get(("", "autoconfig-url"), "''")))
        pac = Proxy(None, without_password(url) or "http://wpad/wpad.dat")
        return pac, pac
    if mode != "manual":
        return Proxy(), Proxy()
    ignored = _literal(found.get(("", "ignore-hosts"), "[]"))
    bypass = tuple(safe(str(each)) for each in ignored) if isinstance(ignored, list) else ()

    def of(schema: str) -> Proxy:
        host = str(_literal(found.get((schema, "host"), "''")))
        return Proxy(_address(host, found.get((schema, "port"), "0")), None, bypass)

    return of("http"), of("https")


def _literal(text: str) -> object:
    """Return a value as GVariant writes it; empty text if it cannot be read."""
    try:
        return ast.literal_eval(text.removeprefix("@as "))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return ""


def _macos(printed: str) -> tuple[Proxy, Proxy]:
    """Read what ``scutil --proxy`` prints: ``Key : value`` and a nested list of exceptions."""
    found = dict(re.findall(r"(?m)^\s*(\w+) : (.*?)\s*$", printed))
    listed = re.search(r"ExceptionsList : <array> \{(.*?)\}", printed, re.DOTALL)
    bypass = tuple(
        safe(each) for each in re.findall(r"\d+ : (\S+)", "" if listed is None else str(listed[1]))
    )
    if found.get("ProxyAutoConfigEnable") == "1":
        pac = Proxy(None, without_password(found.get("ProxyAutoConfigURLString", "")))
        return pac, pac

    def of(name: str) -> Proxy:
        if found.get(f"{name}Enable") != "1":
            return Proxy()
        address = _address(found.get(f"{name}Proxy", ""), found.get(f"{name}Port", ""))
        return Proxy(address, None, bypass)

    return of("HTTP"), of("HTTPS")


def _windows(printed: str) -> tuple[Proxy, Proxy]:
    """Read what ``reg query`` prints: name, type and value in each line."""
    found = dict(re.findall(r"(?m)^\s+(\w+)\s+REG_\w+\s+(.*?)\s*$", printed))
    if found.get("AutoConfigURL"):
        pac = Proxy(None, without_password(found["AutoConfigURL"]))
        return pac, pac
    if found.get("ProxyEnable", "0x0") != "0x1":
        return Proxy(), Proxy()
    server = found.get("ProxyServer", "")
    named = dict(part.split("=", 1) for part in server.split(";") if "=" in part)
    bypass = tuple(map(safe, split(found.get("ProxyOverride", ""))))

    def of(scheme: str) -> Proxy:
        address = str(named.get(scheme, "" if named else server))
        return Proxy(without_password(address.rpartition("://")[2]) or None, None, bypass)

    return of("http"), of("https")
