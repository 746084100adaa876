"""The proxy settings of the desktop or the operating system, which most browsers go by."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.bypass import bypassing
from cookietrace.doctor.facts import Facts, Proxy
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that a system's settings lead elsewhere, leave the host out, or leave it to a PAC."""
    if facts.proxy is None or facts.seen.of_host:
        return
    scheme = "https" if facts.url is None else facts.url.scheme
    for found in facts.system_proxies:
        proxy = found.of(scheme)
        if proxy.pac is not None:
            yield Finding(
                Sure.PROBABLY,
                f"{found.system}'s settings leave the choice of proxy to a PAC script.",
                f"{proxy.pac} decides which proxy each request goes to. It was not run. Browsers "
                "that use the system's settings go through the recorder only if the script says "
                "so.",
                _set(found.system, facts.proxy),
            )
        elif facts.leads_here(proxy):
            yield from _bypass(facts, found.system, proxy)
        elif proxy.address is not None:
            yield Finding(
                Sure.PROBABLY,
                f"{found.system}'s settings lead to another proxy.",
                f"Browsers that use the system's settings go through {proxy.address}, and not the "
                "recorder.",
                _set(found.system, facts.proxy),
            )


def _bypass(facts: Facts, system: str, proxy: Proxy) -> Iterator[Finding]:
    if facts.url is None:
        return
    entry = bypassing(facts.url, proxy.bypass)
    if entry is not None:
        yield Finding(
            Sure.KNOWN,
            f"{system}'s settings keep requests for {facts.url.host} from the proxy.",
            f"Their list of hosts to reach directly has the entry {entry}.",
            (Fix(_BYPASS[system], system),),
        )


_BYPASS = {
    "GNOME": 'gsettings set org.gnome.system.proxy ignore-hosts "[]"',
    "macOS": "networksetup -setproxybypassdomains Wi-Fi Empty",
    "Windows": "Settings > Network & internet > Proxy > Don't use the proxy server for …",
}


def _set(system: str, address: str) -> tuple[Fix, ...]:
    """Return what makes a system use the proxy."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if system == "GNOME":
        name = "gsettings set org.gnome.system.proxy"
        return (
            Fix(
                f"{name}.http host {host} && {name}.http port {port}"
                f" && {name}.https host {host} && {name}.https port {port}"
                f" && {name} mode manual",
                system,
            ),
        )
    if system == "macOS":
        return (
            Fix(
                f"networksetup -setwebproxy Wi-Fi {host} {port}"
                f" && networksetup -setsecurewebproxy Wi-Fi {host} {port}",
                system,
            ),
        )
    return (Fix(f"Settings > Network & internet > Proxy > Manual: {host}, port {port}", system),)
