"""All facts, gathered once: what each part of this machine says, and what the capture holds."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec

from cookietrace.addresses import Address, from_here, parse_address
from cookietrace.ca import ca_certificate
from cookietrace.cookies import Target, parse_target
from cookietrace.doctor.facts import Attempt, Facts, NotLooked, Passed, Recorder, Seen
from cookietrace.doctor.looking.attempt import suits, try_url
from cookietrace.doctor.looking.capture import CaptureReader, read_store, with_offers
from cookietrace.doctor.looking.certificates import read_authority
from cookietrace.doctor.looking.machine import Machine
from cookietrace.doctor.looking.processes import running_browsers
from cookietrace.doctor.looking.profiles import (
    extensions,
    find_profiles,
    firefox_settings,
    strict_hosts,
)
from cookietrace.doctor.looking.recorders import (
    captures_elsewhere,
    folder_of_captures,
    listening_here,
    live_capture,
    recorder_of,
)
from cookietrace.doctor.looking.routes import routes
from cookietrace.doctor.looking.system_proxies import system_proxies
from cookietrace.doctor.looking.trust_stores import trust_stores
from cookietrace.doctor.looking.variables import variables
from cookietrace.events import Listener
from cookietrace.safe_text import safe
from cookietrace.stores import START, CaptureStore, open_store

_Found = TypeVar("_Found")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asks about."""

    url: str | None = None
    """``http`` or ``https``."""
    capture: Path | None = None
    """The recorder's capture; by default the newest one that is being recorded, or the only one
    elsewhere that a recorder's command line names."""
    proxy: Address | None = None
    confdir: Path | None = None
    only: tuple[str, ...] = ()
    """What the user's settings say, for a recorder whose command line cannot be read."""
    ignore: tuple[str, ...] = ()


def gather(wanted: Wanted, machine: Machine | None = None) -> Facts:
    """Return the facts; with a URL, after a request for it through the recorder.

    Nothing is changed on the machine. Besides that request, connections go to listeners on
    loopback, and nothing is sent over them. Raises ``CaptureError`` if a capture that the user
    named cannot be read.
    """
    machine = machine or Machine.this()
    url = None if wanted.url is None else parse_target(wanted.url)
    capture = wanted.capture
    if capture is None and wanted.proxy is None:
        capture = live_capture()
        elsewhere = [] if capture else captures_elsewhere(machine)
        capture = elsewhere[0] if len(elsewhere) == 1 else capture
    if capture is None and wanted.proxy is None:
        facts = of_machine(machine, url, None, ca_certificate(wanted.confdir))
        if elsewhere:
            return msgspec.structs.replace(
                facts, several=tuple(safe(str(one)) for one in elsewhere)
            )
        return msgspec.structs.replace(
            facts, folder=folder_of_captures(), listening=listening_here()
        )
    if capture is None:
        return _gathered(machine, wanted, url, None, None)
    with closing(open_store(capture)) as store:
        return _gathered(machine, wanted, url, store, capture)


def of_listeners(
    store: CaptureStore,
    listeners: tuple[Listener, ...],
    ca: Path | None,
    machine: Machine | None = None,
) -> Facts:
    """Return the facts for a screen that knows where its recorder listens; nothing is sent."""
    reader = CaptureReader()
    read_store(store, reader)
    recorder = Recorder(None, live=True, listeners=listeners)
    facts = of_machine(machine or Machine.this(), None, recorder, ca or ca_certificate())
    return msgspec.structs.replace(facts, seen=reader.seen(), unseen=reader.unseen())


def of_machine(machine: Machine, url: Target | None, recorder: Recorder | None, ca: Path) -> Facts:
    """Return the facts of the machine itself."""
    left_out: list[NotLooked] = []

    def kept(found: Iterable[_Found | NotLooked]) -> tuple[_Found, ...]:
        all_found = list(found)
        left_out.extend(each for each in all_found if isinstance(each, NotLooked))
        return tuple(each for each in all_found if not isinstance(each, NotLooked))

    profiles = find_profiles(machine)
    authority, certificate = read_authority(machine, ca)
    running = kept(running_browsers(machine, profiles))
    named = {browser.name for browser in running}
    settings = (
        firefox_settings(machine, profile) for profile in profiles if profile.family == "firefox"
    )
    stores = () if certificate is None else trust_stores(machine, ca, certificate, profiles)
    plain = url is not None and url.scheme == "http"
    return Facts(
        now=time.time(),
        system=machine.system,
        url=url,
        recorder=recorder,
        variables=tuple(variables(machine)),
        system_proxies=kept(system_proxies(machine)),
        browsers=(*running, *(each for each in settings if each.name not in named)),
        extensions=tuple(extensions(machine, profiles)),
        authority=authority,
        stores=kept(stores),
        strict=tuple(strict_hosts(machine, profiles, url)) if plain and url is not None else (),
        routes=kept(routes(machine)),
        not_looked=tuple(left_out),
    )


def _gathered(
    machine: Machine,
    wanted: Wanted,
    url: Target | None,
    store: CaptureStore | None,
    capture: Path | None,
) -> Facts:
    reader = CaptureReader(url)
    end = START if store is None else read_store(store, reader)
    recorder, confdir = recorder_of(
        machine,
        capture,
        reader.listeners,
        wanted.proxy,
        only=wanted.only,
        ignore=wanted.ignore,
    )
    ca = ca_certificate(wanted.confdir or confdir)
    seen, tried = reader.seen(), None
    if wanted.url is not None and url is not None and recorder.live:
        tried, offers = _tried(wanted, url, recorder, ca, store, end)
        seen = with_offers(seen, offers)
    facts = of_machine(machine, url, recorder, ca)
    return msgspec.structs.replace(facts, seen=seen, unseen=reader.unseen(), attempt=tried)


def _tried(
    wanted: Wanted,
    url: Target,
    recorder: Recorder,
    ca: Path,
    store: CaptureStore | None,
    end: str,
) -> tuple[Attempt | None, Seen]:
    """Return what became of a request, and what its response says about other ways to its host."""
    assert wanted.url is not None
    address, reverse = None if wanted.proxy is None else str(wanted.proxy), False
    if address is None:
        address = recorder.proxy
        app = recorder.reverse
        if app is not None and (address is None or suits(app, wanted.url)):
            address, reverse = from_here(app.address), True
    if address is None or address in recorder.closed:
        return None, Seen()
    through = parse_address(address, "")
    tried = try_url(
        wanted.url,
        through,
        reverse=reverse,
        ca=ca,
        store=store,
        position=end,
        known=address != recorder.given,
    )
    reader = CaptureReader(url)
    if tried.attempt.outcome is Passed.PASSED:
        reader.offered(url, tried.headers)
    return tried.attempt, reader.seen()
