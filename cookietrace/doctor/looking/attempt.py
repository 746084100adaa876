"""A request for the user's URL, sent through a listener of the recorder."""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec

import cookietrace
from cookietrace.addresses import Address
from cookietrace.cookies import is_loopback, parse_target
from cookietrace.doctor.facts import Attempt, Passed
from cookietrace.errors import CaptureError
from cookietrace.events import Headers, Listener, Request
from cookietrace.fold.housekeeping import DOCTOR_AGENT
from cookietrace.safe_text import safe
from cookietrace.stores import START, CaptureStore

SECONDS = 15.0
"""How long a proxy and the server behind it may take."""

_RECORDED_SECONDS = 3.0
"""How long to wait for a request in the capture after its response: it is there before."""

_LONGEST_DETAIL = 200

_AS_IT_IS = "%/:;=?@&+$,!~*'()[]"
"""What a path or a query may hold as it is; a browser encodes the rest."""


_OF_SERVERS = ("400 ", "404 ", "405 ", "501 ")
"""How a web server responds to ``CONNECT``; a proxy that cannot connect says 502, 503 or 504."""


class Tried(msgspec.Struct, frozen=True):
    """What became of a request, and the header fields of the response."""

    attempt: Attempt
    headers: Headers = ()


def try_url(
    url: str,
    through: Address,
    *,
    reverse: bool,
    ca: Path,
    store: CaptureStore | None,
    position: str = START,
    known: bool = True,
) -> Tried:
    """Send one HEAD request for a URL through a listener, and look for it in a capture.

    It is looked for after a position.

    Only the listener is connected to. ``reverse`` says that it stands in front of the app, so the
    request is sent to it as to the app. Its User-Agent is the same each time, so all requests of
    the doctor through a listener are recorded as one client. Unless a recorder is ``known`` to
    listen there, or the request was recorded, it is also asked for a connection to the URL's host,
    which a proxy grants.
    """
    agent = f"{DOCTOR_AGENT}{cookietrace.__version__}"
    try:
        response = _sent(url, through, agent, reverse=reverse, ca=ca)
    except ssl.SSLCertVerificationError as error:
        return Tried(_failed(through, Passed.UNTRUSTED, error.verify_message))
    except ConnectionRefusedError as error:
        return Tried(_failed(through, Passed.NOT_CONNECTED, error.strerror or "refused"))
    except TimeoutError:
        return Tried(_failed(through, Passed.BROKEN, f"no response within {SECONDS:.0f} s"))
    except socket.gaierror as error:
        return Tried(_failed(through, Passed.NOT_CONNECTED, error.strerror or "no such host"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        text = str(error)
        if text.startswith("Tunnel connection failed:"):
            detail = text.removeprefix("Tunnel connection failed:").strip()
            server = not known and detail.startswith(_OF_SERVERS)
            outcome = Passed.NO_PROXY if server else Passed.REFUSED
            return Tried(_failed(through, outcome, detail))
        return Tried(_failed(through, Passed.BROKEN, text or type(error).__name__))
    status, headers = response
    named = {key.lower(): value for key, value in headers}
    # mitmproxy responds in its own name if it has no response of the server.
    refused = named.get("server", "").startswith("mitmproxy")
    outcome = Passed.REFUSED if refused else Passed.PASSED
    recorded = None if store is None else _is_recorded(store, position, agent)
    if not (known or recorded or refused):
        refusal = _refuses_to_connect(url, through, agent)
        if refusal is not None:
            return Tried(_failed(through, Passed.NO_PROXY, refusal))
    attempt = Attempt(str(through), outcome, safe(status)[:_LONGEST_DETAIL], recorded)
    return Tried(attempt, headers)


def suits(listener: Listener, url: str) -> bool:
    """Return whether a listener in front of an app is the one for a URL."""
    wanted, target = parse_target(url), parse_target(listener.target or "")
    here = parse_target(f"http://{listener.page_address}")
    for each in (target, here):
        same_host = each.host == wanted.host or (
            is_loopback(each.host) and is_loopback(wanted.host)
        )
        if same_host and each.port == wanted.port:
            return True
    return False


def _sent(
    url: str, through: Address, agent: str, *, reverse: bool, ca: Path
) -> tuple[str, Headers]:
    """Return the status line and the header fields of the response."""
    parts, target = urlsplit(url), parse_target(url)
    host, port = target.host or target.raw_host, target.port
    path = quote(parts.path or "/", _AS_IT_IS)
    if parts.query:
        path += f"?{quote(parts.query, _AS_IT_IS)}"
    authority = target.origin.partition("://")[2]
    fields = {"Host": authority, "User-Agent": agent, "Accept": "*/*", "Connection": "close"}
    connection: http.client.HTTPConnection
    if parts.scheme == "https" and not reverse:
        context = ssl.create_default_context(cafile=str(ca))
        # Browsers do not ask for the fields that Python 3.13 misses in some proxies' certificates.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.check_hostname = False  # the question is whether the CA is the right one
        connection = http.client.HTTPSConnection(
            through.host, through.port, timeout=SECONDS, context=context
        )
        connection.set_tunnel(host, port or 443, headers={"User-Agent": agent})
        asked = path
    else:
        connection = http.client.HTTPConnection(through.host, through.port, timeout=SECONDS)
        asked = path if reverse else f"http://{authority}{path}"
    with closing(connection):
        connection.request("HEAD", asked, headers=fields)
        response = connection.getresponse()
        return f"{response.status} {response.reason}".strip(), tuple(response.getheaders())


def _refuses_to_connect(url: str, through: Address, agent: str) -> str | None:
    """Return the status line with which a web server refuses ``CONNECT``; None if it does not."""
    target = parse_target(url)
    connection = http.client.HTTPConnection(through.host, through.port, timeout=SECONDS)
    connection.set_tunnel(target.host or target.raw_host, target.port, {"User-Agent": agent})
    with closing(connection):
        try:
            connection.connect()
        except (OSError, http.client.HTTPException, ValueError) as error:
            detail = str(error).removeprefix("Tunnel connection failed:").strip()
            return detail if detail.startswith(_OF_SERVERS) else None
    return None


def _failed(through: Address, outcome: Passed, detail: str) -> Attempt:
    return Attempt(str(through), outcome, safe(detail)[:_LONGEST_DETAIL])


def _is_recorded(store: CaptureStore, position: str, agent: str) -> bool | None:
    try:
        while store.wait(position, _RECORDED_SECONDS):
            batch = store.read(position)
            for event in batch.events:
                if isinstance(event, Request) and any(
                    value == agent for key, value in event.headers if key.lower() == "user-agent"
                ):
                    return True
            position = batch.position
    except CaptureError:
        return None
    return False
