"""The jar at a step as a file of another tool, in every format of ``cookietrace.jar_files``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cookietrace.cookies import Cookie
from cookietrace.cutting.places import row_at
from cookietrace.errors import FormatError
from cookietrace.fold.exchange import ClientState
from cookietrace.formats.format import Export, Format
from cookietrace.formats.jar_options import JarOptions
from cookietrace.jar_files import JAR_FILES, JarFile, Origins
from cookietrace.trace import Trace


def chosen_jar(trace: Trace, options: JarOptions) -> tuple[Cookie, ...]:
    """Return the cookies of the jar that the options choose, sorted by domain, path and name.

    Those whose attributes are unknown, because no response was seen to set them, are in it too.
    Raises ``FormatError`` if there is no such step or client, or if it must be chosen.
    """
    client, position = _chosen(trace, options)
    return trace.jar_at(client.client_id, position)


def origins_of(trace: Trace, options: JarOptions) -> Origins:
    """Return where the client of the chosen jar sent its requests until then; the latest count."""
    client, position = _chosen(trace, options)
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for exchange in trace.exchanges:
        part = exchange.request
        if part.position > position:
            break
        target = part.target
        if part.client_id == client.client_id and target.host and target.scheme in _SCHEMES:
            found[target.host][target.scheme] = target.origin
    return found


_SCHEMES = frozenset({"http", "https"})


def _chosen(trace: Trace, options: JarOptions) -> tuple[ClientState, int]:
    """Return the client, and after how many events its jar is meant."""
    if options.at is None:
        return _client(trace, options, trace.position, ""), trace.position
    row = row_at(trace, options.at, "--at")
    asking = trace.client(trace.exchange(row.exchange_id).request.client_id)
    hint = f" (step {options.at} is a request of client {asking.ordinal})"
    return _client(trace, options, row.position, hint), row.position


def _client(trace: Trace, options: JarOptions, position: int, hint: str) -> ClientState:
    clients = trace.clients
    if options.client is not None:
        if not 1 <= options.client <= len(clients):
            raise FormatError(f"--client: there are clients 1 to {len(clients)} in this capture")
        return clients[options.client - 1]
    if not clients:
        raise FormatError("this capture has no client, so it has no jar")
    holding = [each for each in clients if trace.jar_at(each.client_id, position)]
    if len(holding) > 1:
        numbers = ", ".join(str(each.ordinal) for each in holding)
        raise FormatError(
            f"clients {numbers} hold cookies, and a file holds one jar: choose one with --client, "
            f"as in --client {holding[0].ordinal}{hint}"
        )
    return (holding or clients)[0]


def _format(kind: JarFile) -> Format:
    def write(export: Export) -> Iterator[bytes]:
        jar = chosen_jar(export.trace, export.jar)
        if kind.writes_for is None:
            text = kind.writes(jar)
        else:
            text = kind.writes_for(jar, origins_of(export.trace, export.jar))
        yield text.encode("utf-8", "replace")

    return Format(
        name=kind.name,
        title=f"A jar: {kind.title}",
        suffixes=kind.suffixes,
        writes=write,
        is_jar=True,
    )


FORMATS = tuple(map(_format, JAR_FILES.values()))
