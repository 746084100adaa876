"""The jar at a step as a file of another tool, in every format of ``cookietrace.jar_files``."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import Cookie
from cookietrace.cutting.places import row_at
from cookietrace.errors import FormatError
from cookietrace.fold.exchange import ClientState
from cookietrace.formats.format import Export, Format
from cookietrace.formats.jar_options import JarOptions
from cookietrace.jar_files import JAR_FILES, JarFile
from cookietrace.trace import Trace


def chosen_jar(trace: Trace, options: JarOptions) -> tuple[Cookie, ...]:
    """Return the cookies of the jar that the options choose, sorted by domain, path and name.

    Those whose attributes are unknown, because no response was seen to set them, are in it too.
    Raises ``FormatError`` if there is no such step or client, or if it must be chosen.
    """
    position = trace.position
    if options.at is not None:
        position = row_at(trace, options.at, "--at").position
    return trace.jar_at(_client(trace, options, position).client_id, position)


def _client(trace: Trace, options: JarOptions, position: int) -> ClientState:
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
        raise FormatError(f"clients {numbers} hold cookies: choose one with --client")
    return (holding or clients)[0]


def _format(kind: JarFile) -> Format:
    def write(export: Export) -> Iterator[bytes]:
        yield kind.writes(chosen_jar(export.trace, export.jar)).encode("utf-8", "replace")

    return Format(
        name=kind.name,
        title=f"A jar: {kind.title}",
        suffixes=kind.suffixes,
        writes=write,
        is_jar=True,
    )


FORMATS = tuple(map(_format, JAR_FILES.values()))
