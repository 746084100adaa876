"""The browsers' profiles of this user: their proxy settings, extensions, and HSTS."""

from __future__ import annotations

import base64
import configparser
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cookietrace.cookies import Target
from cookietrace.doctor.bypass import split
from cookietrace.doctor.facts import Browser, Extension, Proxy, StrictHost
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.passwords import without_password
from cookietrace.safe_text import safe

_CHROMIUMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "linux": {
        "Chromium": (".config/chromium", "snap/chromium/common/chromium"),
        "Chrome": (".config/google-chrome",),
        "Brave": (".config/BraveSoftware/Brave-Browser",),
        "Edge": (".config/microsoft-edge",),
        "Vivaldi": (".config/vivaldi",),
    },
    "macos": {
        "Chromium": ("Library/Application Support/Chromium",),
        "Chrome": ("Library/Application Support/Google/Chrome",),
        "Brave": ("Library/Application Support/BraveSoftware/Brave-Browser",),
        "Edge": ("Library/Application Support/Microsoft Edge",),
        "Vivaldi": ("Library/Application Support/Vivaldi",),
    },
}
_FIREFOXES: Mapping[str, tuple[str, ...]] = {
    "linux": (
        ".mozilla/firefox",
        ".config/mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
    ),
    "macos": ("Library/Application Support/Firefox",),
}

_PREFERENCE = re.compile(r'^user_pref\("([^"]+)",\s*(.+?)\);\s*$', re.MULTILINE)
_MANUAL, _PAC, _DETECT, _SYSTEM = 1, 2, 4, 5
"""Values of Firefox's ``network.proxy.type``; 0 is no proxy."""

_MOVING = frozenset({"proxy"})
_FILTERING = frozenset({"webRequestBlocking", "declarativeNetRequest"})
"""Permissions with which an extension blocks, redirects or answers requests."""

_MOST_LABELS = 20


class Profile(msgspec.Struct, frozen=True):
    """One profile of a browser."""

    family: str
    name: str
    """Safe to show, such as ``Firefox (default-release)``."""
    folder: Path
    takes_system_roots: bool = False
    """Whether Firefox also trusts what the system trusts."""
    default: bool = False
    """Whether Firefox opens it unless it is told otherwise."""


def find_profiles(machine: Machine) -> tuple[Profile, ...]:
    """Return the profiles in the usual folders of the user's home."""
    return (*_chromiums(machine), *_firefoxes(machine))


def _chromiums(machine: Machine) -> Iterator[Profile]:
    for browser, folders in _CHROMIUMS.get(machine.system, {}).items():
        for folder in folders:
            for profile in machine.folders(machine.home / folder):
                if (profile / "Preferences").is_file():
                    yield Profile("chromium", f"{browser} ({safe(profile.name)})", profile)


def _firefoxes(machine: Machine) -> Iterator[Profile]:
    for folder in _FIREFOXES.get(machine.system, ()):
        base = machine.home / folder
        text = machine.text(base / "profiles.ini")
        if text is None:
            continue
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        # An installation's own default counts before the one that all of them share.
        installed = {
            parser.get(section, "Default", fallback="")
            for section in parser.sections()
            if section.startswith("Install")
        }
        for section in parser.sections():
            path = parser.get(section, "Path", fallback=None)
            if section.startswith("Profile") and path:
                relative = parser.get(section, "IsRelative", fallback="1") == "1"
                there = base / path if relative else Path(path)
                name = parser.get(section, "Name", fallback=there.name)
                shared = not installed and parser.get(section, "Default", fallback="") == "1"
                if there.is_dir():
                    found = firefox_profile(machine, there, name)
                    yield msgspec.structs.replace(found, default=shared or path in installed)


def firefox_profile(machine: Machine, folder: Path, name: str | None = None) -> Profile:
    """Return a profile of Firefox's in any folder."""
    roots = _preferences(machine, folder).get("security.enterprise_roots.enabled") is True
    return Profile("firefox", f"Firefox ({safe(name or folder.name)})", folder, roots)


def firefox_settings(machine: Machine, profile: Profile, *, running: bool = False) -> Browser:
    """Return what a profile of Firefox's says about proxies."""
    found = _preferences(machine, profile.folder)
    kind = found.get("network.proxy.type", _SYSTEM)
    proxy: Proxy | None = None
    if kind == _MANUAL:
        host = found.get("network.proxy.ssl") or found.get("network.proxy.http") or ""
        port = found.get("network.proxy.ssl_port") or found.get("network.proxy.http_port") or 0
        bypass = split(str(found.get("network.proxy.no_proxies_on", "")))
        proxy = Proxy(safe(f"{host}:{port}") if host else None, None, tuple(map(safe, bypass)))
    elif kind in (_PAC, _DETECT):
        url = found.get("network.proxy.autoconfig_url") if kind == _PAC else "http://wpad/wpad.dat"
        proxy = Proxy(None, without_password(str(url)))
    elif kind != _SYSTEM:
        proxy = Proxy()
    return Browser(
        "firefox",
        profile.name,
        running,
        proxy,
        proxies_loopback=found.get("network.proxy.allow_hijacking_localhost") is True,
        quic=found.get("network.http.http3.enable") is not False,
    )


def _preferences(machine: Machine, folder: Path) -> dict[str, Any]:
    """Return the preferences that a profile of Firefox's has changed."""
    found: dict[str, Any] = {}
    for name in ("prefs.js", "user.js"):
        for key, value in _PREFERENCE.findall(machine.text(folder / name) or ""):
            try:
                found[key] = json.loads(value)
            except ValueError:
                continue
    return found


def extensions(machine: Machine, profiles: Sequence[Profile]) -> Iterator[Extension]:
    """Yield the extensions that may keep requests from a proxy."""
    for profile in profiles:
        of = _of_firefox if profile.family == "firefox" else _of_chromium
        for name, permissions in of(machine, profile.folder):
            if permissions & (_MOVING | _FILTERING):
                moves = bool(permissions & _MOVING)
                yield Extension(profile.name, safe(name)[:60], moves)


def _of_firefox(machine: Machine, folder: Path) -> Iterator[tuple[str, set[str]]]:
    for addon in _list(_read_json(machine, folder / "extensions.json").get("addons")):
        own = addon.get("location") == "app-profile" and addon.get("type") == "extension"
        if own and addon.get("active") is True:
            name = _dict(addon.get("defaultLocale")).get("name")
            permissions = _list_of_text(_dict(addon.get("userPermissions")).get("permissions"))
            yield str(name or addon.get("id")), permissions


def _of_chromium(machine: Machine, folder: Path) -> Iterator[tuple[str, set[str]]]:
    seen = set()
    for file in ("Secure Preferences", "Preferences"):
        found = _dict(_read_json(machine, folder / file).get("extensions"))
        for key, value in _dict(found.get("settings")).items():
            manifest = _dict(_dict(value).get("manifest"))
            on = not _dict(value).get("disable_reasons") and _dict(value).get("state", 1) == 1
            # 5 and 10 are parts of the browser itself
            if key in seen or not manifest or not on or _dict(value).get("location") in (5, 10):
                continue
            seen.add(key)
            granted = _dict(_dict(value).get("active_permissions")).get("api")
            yield (
                str(manifest.get("name", key)),
                _list_of_text(manifest.get("permissions")) | _list_of_text(granted),
            )


def strict_hosts(
    machine: Machine, profiles: Sequence[Profile], target: Target
) -> Iterator[StrictHost]:
    """Yield what profiles of Chromium's know about HSTS of a URL's host and its parents.

    The file has hashes of the names only, so a name can be looked up, and none can be read.
    """
    labels = (target.host or "").rstrip(".").split(".")[-_MOST_LABELS:]
    for profile in profiles:
        if profile.family != "chromium":
            continue
        found = _list(_read_json(machine, profile.folder / "TransportSecurity").get("sts"))
        known = {each.get("host"): each for each in found if each.get("mode") == "force-https"}
        for start in range(len(labels)):
            entry = known.get(_hashed(labels[start:]))
            if entry is not None:
                subdomains = entry.get("sts_include_subdomains") is True
                yield StrictHost(".".join(labels[start:]), subdomains, profile.name)


def _hashed(labels: Sequence[str]) -> str:
    """Return a host's name as Chromium's file has it: base64 of SHA-256 of its form in DNS."""
    name = b"".join(bytes([len(label) & 0xFF]) + label.encode() for label in labels) + b"\0"
    return base64.b64encode(hashlib.sha256(name).digest()).decode()


def _read_json(machine: Machine, path: Path) -> dict[str, Any]:
    try:
        return _dict(json.loads(machine.text(path) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _list_of_text(value: object) -> set[str]:
    return {each for each in value if isinstance(each, str)} if isinstance(value, list) else set()
