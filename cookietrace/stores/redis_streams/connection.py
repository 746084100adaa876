"""Connections to Redis, and what to say about one that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from cookietrace.errors import CaptureError
from cookietrace.events import LONGEST
from cookietrace.extras import missing_extra
from cookietrace.safe_text import safe
from cookietrace.stores.redis_streams.address import PASSWORD, RedisAddress

CONNECT_SECONDS: Final = 3.0
"""How long connecting may take."""

REPLY_SECONDS: Final = 10.0
"""How long Redis may take to respond to a command."""

MOST_BYTES: Final = LONGEST + 1024 * 1024
"""The most bytes that a command may bring: whoever writes to Redis may write anything.

Redis limits only the number of entries that it sends. One entry that is no longer than an event
may be always fits.
"""


class RedisError(CaptureError):
    """Redis refused a command, or cannot be reached."""


class RedisAwayError(RedisError):
    """Redis cannot be used now; the same may work later."""


class TooLargeError(RedisError):
    """The response to a command is larger than ``MOST_BYTES``; the connection was closed."""


Client = Any
"""A client of the package ``redis``, whose types depend on how it is used."""

Commands = Callable[[Client], None]
"""Adds commands to a transaction."""


def connect(address: RedisAddress) -> Client:
    """Return a client of a server, which connects when it is first used. Any thread may use it.

    It never tries a command again by itself. Raises ``CaptureError`` if the package is missing or
    a file that the address names cannot be read.
    """
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise CaptureError(missing_extra("captures in Redis need", "redis")) from error
    options: dict[str, Any] = {}
    if address.socket is not None:
        options["unix_socket_path"] = address.socket
    else:
        options["host"], options["port"] = address.host, address.port
    if address.scheme == "rediss":
        options |= {
            "ssl": True,
            "ssl_ca_certs": _readable(address.ca),
            "ssl_certfile": _readable(address.cert),
            "ssl_keyfile": _readable(address.key),
        }
    elif address.ca or address.cert or address.key:
        raise CaptureError(
            "ca, cert and key are files for TLS: they need a URL that begins with rediss://"
        )
    client = Redis(
        db=address.db,
        username=address.user,
        password=address.password(),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=REPLY_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        **options,
    )
    pool = client.connection_pool
    pool.connection_class = _bounded(pool.connection_class, str(address))
    return client


class _Counted:
    """A socket that receives so many bytes for one command, and then no more."""

    def __init__(self, socket: Any, where: str) -> None:
        self._socket = socket
        self._where = where
        self.left = MOST_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def recv(self, *args: Any) -> bytes:
        received: bytes = self._socket.recv(*args)
        self._count(len(received))
        return received

    def recv_into(self, *args: Any) -> int:
        received: int = self._socket.recv_into(*args)
        self._count(received)
        return received

    def _count(self, received: int) -> None:
        self.left -= received
        if self.left < 0:
            raise TooLargeError(
                f"{self._where}: Redis sent more than {MOST_BYTES // 1024**2} MiB at once, which "
                "cookietrace did not write"
            )


def _bounded(kind: Any, where: str) -> Any:
    """Return a kind of connection that takes no larger response than ``MOST_BYTES``.

    ``where`` begins the line that says so.
    """

    def connected(self: Any) -> _Counted:
        return _Counted(kind._connect(self), where)

    def send(self: Any, *args: Any, **options: Any) -> Any:
        socket = getattr(self, "_sock", None)
        if isinstance(socket, _Counted):
            socket.left = MOST_BYTES
        return kind.send_packed_command(self, *args, **options)

    return type("Bounded", (kind,), {"_connect": connected, "send_packed_command": send})


def _readable(path: str | None) -> str | None:
    """Return a path if its file can be read. Raises ``CaptureError``."""
    if path is not None:
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - a path as ssl takes it
                file.read(1)
        except OSError as error:
            raise CaptureError(f"{safe(path)} cannot be read: {error.strerror}") from error
    return path


class Held(NamedTuple):
    """What a field of a hash must be for a transaction to happen."""

    key: str
    field: str
    value: bytes
    """Empty if there must be none."""


def at_once(
    client: Client, address: RedisAddress, held: Held, commands: Commands
) -> list[Any] | None:
    """Run commands in one transaction, and return the replies, of which each may be an error.

    Returns None, and runs none, if something is not as it must be, or changes meanwhile. Raises
    ``RedisError``.
    """
    from redis.exceptions import WatchError

    with redis_errors(address), client.pipeline(transaction=True) as pipeline:
        pipeline.watch(held.key)
        if (pipeline.hget(held.key, held.field) or b"") != held.value:
            return None
        pipeline.multi()
        commands(pipeline)
        try:
            return list(pipeline.execute(raise_on_error=False))
        except WatchError:
            return None


@contextmanager
def redis_errors(address: RedisAddress) -> Iterator[None]:
    """Raise what the package ``redis`` raises inside as a ``RedisError`` of one line."""
    from redis import exceptions

    try:
        yield
    except (exceptions.RedisError, OSError) as error:
        raise as_redis_error(address, error) from error


def as_redis_error(address: RedisAddress, error: Exception) -> RedisError:
    """Return what to say about an error of the package ``redis``."""
    from redis import exceptions

    where = str(address)
    text = str(error).rpartition(" of pipeline caused error: ")[2]
    word = text.partition(" ")[0]
    user = f"the user '{safe(address.user)}'" if address.user else "the default user"
    if isinstance(error, exceptions.NoPermissionError) or word == "NOPERM":
        return RedisError(
            f"{where}: {user} has no permission for this in Redis ({_first_line(text)}): "
            "docs/REDIS.md lists the rights that are needed"
        )
    if isinstance(error, exceptions.AuthenticationError) or word in ("NOAUTH", "WRONGPASS"):
        if "without any password" in text:
            return RedisError(f"{where}: this Redis has no password: unset {PASSWORD}")
        if word == "NOAUTH" or "required" in text.lower():
            return RedisError(
                f"{where}: this Redis requires a password: set {PASSWORD}, or add "
                "?password_file=FILE to the URL"
            )
        return RedisError(
            f"{where}: wrong password for {user}: {PASSWORD} or ?password_file=FILE gives it, "
            "?user=NAME the user"
        )
    for words, line in _REFUSALS:
        if word in words or any(one in text for one in words if " " in one):
            return (RedisAwayError if line in _PASSING else RedisError)(f"{where}: {line}")
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        return RedisAwayError(f"{where}: Redis does not respond")
    if isinstance(error, exceptions.ConnectionError | OSError):
        if "certificate" in text.lower() or "SSL" in text or "TLS" in text:
            return RedisAwayError(
                f"{where}: no TLS connection to Redis ({_first_line(text)}): check ?ca=FILE, "
                "?cert=FILE and ?key=FILE, and whether it expects TLS"
            )
        return RedisAwayError(f"{where}: Redis cannot be reached ({_reason(error, text)})")
    return RedisError(f"{where}: Redis refused a command ({_first_line(text)})")


_LOADING = "Redis is still loading its data"
_FULL = "Redis is full (maxmemory): allow it more memory, or publish with --publish-max-events"
_READ_ONLY = "this Redis is a replica, or read-only for now: name the primary"
_NOT_SAVED = "Redis cannot save to its disk, and takes no writes until it can"
_CLUSTER_DOWN = "the Redis cluster is down"
_ELSEWHERE = "this node of a Redis cluster does not hold the capture: name the node that does"
_WRONG_TYPE = "another program uses the capture's key in Redis for something else"
_NO_DATABASE = "this Redis has no database of that number"
_UNKNOWN = "this Redis does not know a command that is needed: it must be version 6.2 or newer"

_PASSING = frozenset({_LOADING, _FULL, _READ_ONLY, _NOT_SAVED, _CLUSTER_DOWN})
"""What may be over in a moment."""

_REFUSALS = (
    (("LOADING", "Redis is loading the dataset"), _LOADING),
    (("OOM", "command not allowed when used memory"), _FULL),
    (("READONLY", "You can't write against a read only"), _READ_ONLY),
    (("MISCONF", "is configured to save RDB snapshots"), _NOT_SAVED),
    (("CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN"), _CLUSTER_DOWN),
    (("MOVED", "ASK", "CROSSSLOT"), _ELSEWHERE),
    (("WRONGTYPE",), _WRONG_TYPE),
    (("DB index is out of range", "invalid DB index"), _NO_DATABASE),
    (("unknown command",), _UNKNOWN),
)
"""How Redis begins an error, or what is in it -> what to say."""


def _reason(error: Exception, text: str) -> str:
    """Return why a connection failed, in a few words."""
    cause = error.__cause__ or error.__context__ or error
    if isinstance(cause, OSError) and cause.strerror:
        return safe(cause.strerror.lower())
    return _first_line(text)


def _first_line(text: str) -> str:
    """Return the beginning of what Redis said, safe to show."""
    return safe(text.partition("\n")[0][:160].rstrip("."))
