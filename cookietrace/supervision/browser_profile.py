"""The flags, preferences and trust with which a fresh browser profile uses the proxy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from cookietrace.ca import spki_hash

NO_CERTUTIL = (
    "Firefox will refuse https: certutil is missing, install libnss3-tools (Debian, Ubuntu), "
    "nss-tools (Fedora) or nss (Arch, Homebrew)"
)
"""What the user should know before a Firefox is opened that cannot be given the CA."""

_CERTUTIL_SECONDS = 30.0

MOZ_LOG: Final = "sync,timestamp,cookie:4,nsHttp:1,thirdPartyUtil:4"
"""What Firefox is to log: see ``cookietrace.listening.firefox_log``."""

LONGEST_PARENT = 25
"""Longest parent folder, in bytes, for which the path of Chromium's socket is not too long."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """A browser to start: everything that its command line is made of."""

    path: str
    profile: Path
    """An existing, empty folder."""
    proxy: str
    """``host:port``"""
    ca: Path | None
    url: str | None
    headless: bool
    devtools: bool = False
    """Whether file descriptors 3 and 4 carry DevTools messages (Chromium)."""
    watch_scripts: bool = False
    """Whether what comes over DevTools watches the user's own pages (Chromium)."""
    block_third_party_cookies: bool = False
    """Whether other sites' cookies in a page are blocked; otherwise the browser's default."""
    log: Path | None = None
    """Where the browser writes what it does on the network, with cookies; None if nowhere."""
    by_port: bool = False
    """Whether Firefox opens a port on loopback, over which it is listened to."""
    warn: Callable[[str], object] = lambda _: None
    """Called with a line for the user if the browser will not trust the CA."""


_CHROMIUM_BLOCKS, _CHROMIUM_ALLOWS = 1, 2
"""Chromium's ``CookieControlsMode``: always, and in private windows only."""
_FIREFOX_BLOCKS = 1
"""Firefox's ``network.cookie.cookieBehavior`` that rejects all third-party cookies."""


_FIREFOX_ASKS_NOBODY: dict[str, str | int | bool] = {
    # With MOZ_REMOTE_SETTINGS_DEVTOOLS, without which a release ignores it.
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "browser.newtabpage.activity-stream.unifiedAds.endpoint": "",
    "browser.topsites.contile.enabled": False,
    "toolkit.telemetry.server": "",
    "telemetry.fog.test.localhost_port": -1,
    "media.gmp-manager.updateEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
}
"""What Firefox would ask Mozilla and others for by itself, through the proxy: settings, updates,
lists, advertisements, telemetry."""


def prepare_chromium(launch: Launch) -> list[str]:
    """Fill the profile, and return the command that starts Chromium with it.

    ``<-loopback>`` removes the rule that loopback bypasses a proxy. The SPKI hash makes
    only this run trust the proxy's CA. Unless they are to be blocked, third-party cookies
    are set to Chromium's own default (blocked in private windows only), since
    distributions change it.
    """
    blocks = launch.block_third_party_cookies
    preferences = launch.profile / "Default" / "Preferences"
    preferences.parent.mkdir(mode=0o700)
    preferences.write_text(
        json.dumps(
            {
                "profile": {
                    "cookie_controls_mode": _CHROMIUM_BLOCKS if blocks else _CHROMIUM_ALLOWS
                },
                "credentials_enable_service": False,
                "signin": {"allowed": False},
            }
        ),
        encoding="utf-8",
    )
    command = [
        launch.path,
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-features=NetworkTimeServiceQuerying,OptimizationHints,MediaRouter",
        "--password-store=basic",
        "--use-mock-keychain",
        f"--proxy-server=http://{launch.proxy}",
        "--proxy-bypass-list=<-loopback>",
        f"--user-data-dir={launch.profile}",
    ]
    if launch.ca is not None and launch.ca.exists():
        command.append(f"--ignore-certificate-errors-spki-list={spki_hash(launch.ca)}")
    if launch.headless:
        command += ["--headless", "--disable-gpu"]
    if launch.log is not None:
        # Neither is known to a page: the log is written by the network service.
        command += [f"--log-net-log={launch.log}", "--net-log-capture-mode=IncludeSensitive"]
    if launch.devtools:
        command.append("--remote-debugging-pipe")
    if launch.watch_scripts:
        # Otherwise pages see navigator.webdriver, as if nobody sat in front of the browser.
        command.append("--disable-blink-features=AutomationControlled")
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium's sandbox refuses to run as root
    # The first page is opened over DevTools once it is watched: nothing of it is missed.
    command.append("about:blank" if launch.watch_scripts else launch.url or "about:blank")
    return command


def prepare_firefox(launch: Launch) -> list[str]:
    """Fill the profile, and return the command that starts Firefox with it.

    The CA is added to the profile's own store by ``certutil`` (NSS tools). Firefox has no
    other way that concerns only this profile and leaves its checks of certificates, and so
    HSTS, as they are. Without it, https pages show Firefox's warning, and ``launch.warn``
    is called.
    """
    host, _, port = launch.proxy.rpartition(":")
    host = host.strip("[]")
    preferences: dict[str, str | int | bool] = {
        "network.proxy.type": 1,
        "network.proxy.http": host,
        "network.proxy.http_port": int(port),
        "network.proxy.ssl": host,
        "network.proxy.ssl_port": int(port),
        "network.proxy.no_proxies_on": "",
        "network.proxy.allow_hijacking_localhost": True,
        "network.http.http3.enable": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "app.normandy.enabled": False,
        "browser.region.network.url": "",
        "dom.push.connection.enabled": False,
        "geo.provider.network.url": "",
        "app.update.enabled": False,
        "browser.aboutwelcome.enabled": False,
        "browser.newtabpage.enabled": False,
        "browser.shell.checkDefaultBrowser": False,
        "browser.startup.homepage_override.mstone": "ignore",
        "datareporting.healthreport.uploadEnabled": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "toolkit.telemetry.enabled": False,
        "toolkit.telemetry.reportingpolicy.firstRun": False,
        **_FIREFOX_ASKS_NOBODY,
    }
    if launch.block_third_party_cookies:
        preferences["network.cookie.cookieBehavior"] = _FIREFOX_BLOCKS
    if launch.by_port:
        # Otherwise an open port changes dozens of preferences, as for tests.
        preferences["remote.prefs.recommended"] = False
        # Older ones would also speak DevTools there, which any program could use at any time.
        preferences["remote.active-protocols"] = 1
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in preferences.items()
    ]
    (launch.profile / "user.js").write_text("".join(lines), encoding="utf-8")
    if launch.ca is not None and launch.ca.exists():
        problem = distrust("firefox") or _add_ca(launch.profile, launch.ca)
        if problem is not None:
            launch.warn(problem)
    command = [launch.path, "--no-remote", "--new-instance", "--profile", str(launch.profile)]
    if launch.headless:
        command.append("--headless")
    if launch.by_port:
        # The first page is opened over that port, once somebody listens.
        return [*command, "--remote-debugging-port=0", "about:blank"]
    return [*command, launch.url or "about:blank"]


def distrust(kind: str) -> str | None:
    """Return why a browser of this kind will refuse https here, in one line; None if it will not.

    A fresh Chromium gets the CA on its command line.
    """
    return NO_CERTUTIL if kind == "firefox" and shutil.which("certutil") is None else None


def _add_ca(profile: Path, ca: Path) -> str | None:
    """Let a Firefox profile trust a CA; return what went wrong, None if nothing did."""
    certutil = shutil.which("certutil") or "certutil"
    for arguments in (
        ["-N", "--empty-password"],
        ["-A", "-t", "C,,", "-n", "mitmproxy", "-i", str(ca)],
    ):
        try:
            subprocess.run(  # noqa: S603 (a fixed program, on our own folder)
                [certutil, "-d", f"sql:{profile}", *arguments],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_CERTUTIL_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            status = getattr(error, "returncode", None)
            why = "could not be run" if status is None else f"ended with status {status}"
            return f"Firefox will refuse https: certutil {why}, so it does not know the CA"
    return None


PREPARE: Mapping[str, Callable[[Launch], list[str]]] = {
    "chromium": prepare_chromium,
    "firefox": prepare_firefox,
}


_CHROMIUM_LOG: Final = "net-log"
_FIREFOX_EXTENSION: Final = ".moz_log"


def log_path(kind: str, profile: Path) -> Path:
    """Return where in its profile a browser writes what it does on the network.

    Each of Firefox's other processes would write a file, whose name is that of the log with
    ``.child-1`` in it. This name is as long as a name may be, so none of them can.
    """
    if kind != "firefox":
        return profile / _CHROMIUM_LOG
    most = os.pathconf(profile, "PC_NAME_MAX")
    return profile / f"{'log'.ljust(most - len(_FIREFOX_EXTENSION), '-')}{_FIREFOX_EXTENSION}"


def log_environment(kind: str, log: Path | None) -> dict[str, str]:
    """Return what a browser needs in its environment to write a log; Firefox adds the extension."""
    if kind != "firefox" or log is None:
        return {}
    name = str(log).removesuffix(_FIREFOX_EXTENSION)
    return {"MOZ_LOG": MOZ_LOG, "MOZ_LOG_FILE": name}


def profile_parent(path: str) -> Path:
    """Return the folder to create the profile in: usually the system's temporary folder.

    Chromium creates a socket in the profile, whose path the system limits to about 100
    bytes: if the temporary folder's path is too long, ``/tmp`` is used. A browser from a
    snap has its own temporary folder, and sees little of the home folder except the
    snap's common data.
    """
    if Path(path).resolve().name == "snap" or Path(path).parts[1:2] == ("snap",):
        common = Path.home() / "snap" / Path(path).name / "common"
        if common.is_dir():
            return common
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) <= LONGEST_PARENT else Path("/tmp")  # noqa: S108 (mkdtemp)


def profile_environment(profile: Path) -> dict[str, str]:
    """Return the browser's environment, with all its files inside the profile.

    Crash reports and caches would otherwise go to the user's home, whatever the profile.
    """
    environment = dict(os.environ)
    environment["MOZ_REMOTE_SETTINGS_DEVTOOLS"] = "1"  # see _FIREFOX_ASKS_NOBODY
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        environment[variable] = str(profile / variable.lower())
    if len(str(profile.parent)) <= LONGEST_PARENT:
        folder = profile / "tmp"
        folder.mkdir(mode=0o700)
        environment["TMPDIR"] = str(folder)
    return environment
