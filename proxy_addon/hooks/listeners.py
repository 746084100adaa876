"""The addresses at which the proxy accepts connections."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from mitmproxy import connection
from mitmproxy.proxy import mode_specs

from cookietrace.addresses import Address, parse_address, port_here
from cookietrace.errors import LaunchError
from cookietrace.events import Listener
from cookietrace.supervision.ports import cannot_listen, next_free, require_free, reserve_port

_FLAGS = {"reverse": "--reverse-listen"}
_DEFAULT_FLAG = "--listen"


def parse_mode(
    text: str, upstream: str | None = None, *, others: frozenset[int] | None = None
) -> tuple[str, Listener]:
    """Return mitmproxy's mode with its full address, and its listener.

    ``regular`` becomes ``upstream:URL`` if an upstream proxy is given. The default
    host is 127.0.0.1, and port 0 is replaced by a free port. Raises ``LaunchError`` if
    the text is not a mode or the address is in use. With ``others``, the next port that
    is free and not among them is taken instead.
    """
    try:
        mode = mode_specs.ProxyMode.parse(text)
    except ValueError as error:
        raise LaunchError(f"not a mode of the proxy: {text} ({error})") from error
    kind, data = mode.type_name, mode.data
    if kind == "regular" and upstream is not None:
        kind, data = "upstream", upstream
    host = mode.custom_listen_host or "127.0.0.1"
    port = 8080 if mode.custom_listen_port is None else mode.custom_listen_port
    flag = _FLAGS.get(kind, _DEFAULT_FLAG)
    address = Address(host, port or _any_port(host, flag))
    try:
        require_free(address, flag)
    except LaunchError:
        if others is None:
            raise
        address = next_free(address, flag, others)
    full = address.mode(f"{kind}:{data}" if data else kind)
    try:
        mode_specs.ProxyMode.parse(full)
    except ValueError as error:
        raise LaunchError(f"not a mode of the proxy: {full} ({error})") from error
    return full, Listener(mode=kind, address=str(address), target=data or None)


def ports_of(modes: Iterable[str]) -> frozenset[int]:
    """Return the ports that belong to listeners as written, and to the apps behind them."""
    ports: set[int | None] = set()
    for text in modes:
        try:
            mode = mode_specs.ProxyMode.parse(text)
        except ValueError:
            continue  # ``parse_mode`` says so
        ports.add(mode.custom_listen_port)
        if mode.type_name == "reverse":
            ports.add(port_here(mode.data, mode.custom_listen_host or "127.0.0.1"))
    return frozenset(port for port in ports if port)


def moved(listener: Listener, others: frozenset[int]) -> tuple[str, Listener]:
    """Return the mode and the listener with the next free port that is not among ``others``.

    Raises ``LaunchError`` if there is none.
    """
    flag = _FLAGS.get(listener.mode, _DEFAULT_FLAG)
    address = parse_address(listener.address, flag)
    address = next_free(Address(address.host, address.port + 1), flag, others)
    kind = listener.mode if listener.target is None else f"{listener.mode}:{listener.target}"
    return address.mode(kind), msgspec.structs.replace(listener, address=str(address))


def not_opened(listener: Listener, error: BaseException | None) -> LaunchError:
    """Return what to tell the user of a listener that mitmproxy could not open."""
    flag = _FLAGS.get(listener.mode, _DEFAULT_FLAG)
    address = parse_address(listener.address, flag)
    return cannot_listen(address, flag, error.errno if isinstance(error, OSError) else None)


def _any_port(host: str, flag: str) -> int:
    """Return a port that no other process can get before the listener is open."""
    try:
        return reserve_port(host)
    except OSError as error:
        raise LaunchError(
            f"cannot listen on {host} ({error.strerror}): choose another address with {flag}"
        ) from error


class Listeners:
    """The open listeners; finds the one that a connection came through."""

    def __init__(self) -> None:
        self._by_mode: dict[str, Listener] = {}

    def add(self, mode: str, listener: Listener) -> None:
        """Add the listener of a mode, spelled as passed to mitmproxy."""
        self._by_mode[mode] = listener

    def replace(self, old: str, mode: str, listener: Listener) -> None:
        """Put another listener in the place of one that could not be opened."""
        self._by_mode = {
            (mode if each == old else each): (listener if each == old else known)
            for each, known in self._by_mode.items()
        }

    def at(self, mode: str) -> Listener:
        """Return the listener of a mode that was added."""
        return self._by_mode[mode]

    def remove(self, mode: str) -> None:
        """Remove a listener that could not be opened."""
        self._by_mode.pop(mode, None)

    def modes(self) -> list[str]:
        """Return all modes, for mitmproxy's ``mode`` option."""
        return list(self._by_mode)

    def all(self) -> tuple[Listener, ...]:
        """Return all listeners, in the order they were added."""
        return tuple(self._by_mode.values())

    def of(self, client: connection.Client) -> tuple[str, str | None]:
        """Return the address and label of the listener that a connection came through."""
        listener = self._by_mode.get(client.proxy_mode.full_spec)
        if listener is not None:
            return listener.address, listener.label
        host, port = client.sockname[:2]
        return str(Address(host, port)), None

    def set_servers(self, servers: Iterable[tuple[mode_specs.ProxyMode, str]]) -> None:
        """Take over the listeners of the user's own mitmproxy: each mode, and where it listens."""
        self._by_mode = {
            mode.full_spec: Listener(mode=mode.type_name, address=address, target=mode.data or None)
            for mode, address in servers
        }
