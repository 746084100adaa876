"""FORMATS: every file format by name, both built in and from other packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cookietrace.did_you_mean import did_you_mean
from cookietrace.errors import FormatError
from cookietrace.formats import csv_table, har, jars, jsonl, markdown, net_log, page
from cookietrace.formats.format import Format
from cookietrace.safe_text import safe

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "cookietrace.formats"
"""The entry-point group. Each entry is a ``Format`` object, under the format's name."""

_BUILT_IN = (
    *(module.FORMAT for module in (jsonl, har, csv_table, markdown, page, net_log)),
    *jars.FORMATS,
)


class FormatTable(Mapping[str, Format]):
    """Format name -> ``Format``. Other packages' formats are loaded when first needed.

    A plug-in that cannot be loaded is left out and reported in ``troubles``.
    """

    def __init__(self, built_in: tuple[Format, ...] = _BUILT_IN, group: str = GROUP) -> None:
        self._built_in = {known.name: known for known in built_in}
        self._group = group

    def __getitem__(self, name: str) -> Format:
        """Return the format with that name. Raises ``KeyError``."""
        known = self._built_in.get(name)
        return known if known is not None else self._plug_ins[0][name]

    def __iter__(self) -> Iterator[str]:
        yield from self._built_in
        yield from self._plug_ins[0]

    def __len__(self) -> int:
        return len(self._built_in) + len(self._plug_ins[0])

    @property
    def troubles(self) -> tuple[str, ...]:
        """One line for each plug-in that could not be used."""
        return self._plug_ins[1]

    @cached_property
    def _plug_ins(self) -> tuple[dict[str, Format], tuple[str, ...]]:
        loaded: dict[str, Format] = {}
        troubles = []
        for entry in {(found.name, found.value): found for found in self._entries()}.values():
            try:
                plug_in = entry.load()
                if not isinstance(plug_in, Format):
                    raise TypeError(f"{entry.value} is not a cookietrace.formats.Format")
                if plug_in.name in self._built_in or plug_in.name in loaded:
                    raise ValueError(f"the name {plug_in.name} is taken")
            except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way
                reason = " ".join(str(error).split())
                troubles.append(
                    f"the format plug-in {safe(entry.name)} cannot be used: "
                    f"{type(error).__name__}: {safe(reason)}"
                )
            else:
                loaded[plug_in.name] = plug_in
        return loaded, tuple(troubles)

    def _entries(self) -> Iterator[EntryPoint]:
        from importlib.metadata import entry_points  # with what reads e-mail: few commands ask

        yield from sorted(entry_points(group=self._group), key=lambda entry: entry.name)


FORMATS = FormatTable()
"""The formats for the command line, the export dialog and every reader."""


def writable(formats: Mapping[str, Format] = FORMATS) -> tuple[Format, ...]:
    """Return the formats that can be written."""
    return tuple(known for known in formats.values() if known.writes is not None)


def readable(formats: Mapping[str, Format] = FORMATS) -> tuple[Format, ...]:
    """Return the formats that can be read."""
    return tuple(known for known in formats.values() if known.reads is not None)


def format_to_write(name: str, formats: Mapping[str, Format] = FORMATS) -> Format:
    """Return the format with that name or that suffix (``md``).

    Raises ``FormatError``, which lists the formats that can be written.
    """
    suffix = f".{name.lower()}"
    known = formats.get(name) or next(
        (each for each in writable(formats) if suffix in each.suffixes), None
    )
    if known is not None and known.writes is not None:
        return known
    names = [each.name for each in writable(formats)]
    what = f"is not a format.{did_you_mean(name, names)}" if known is None else "can only be read."
    raise FormatError(f"{safe(name)} {what} Choose one of {', '.join(names)}{_troubles(formats)}")


def format_for_file(path: Path, formats: Mapping[str, Format] = FORMATS) -> Format:
    """Return the format for the suffix of a file name. Raises ``FormatError``."""
    for known in writable(formats):
        if path.suffix.lower() in known.suffixes:
            return known
    names = ", ".join(each.name for each in writable(formats))
    raise FormatError(
        f"the suffix of {safe(path.name)} is not a known format: choose one with --format ({names})"
        f"{_troubles(formats)}"
    )


def _troubles(formats: Mapping[str, Format]) -> str:
    """Return the errors of plug-ins, which may explain why a format is missing."""
    if not isinstance(formats, FormatTable) or not formats.troubles:
        return ""
    return f" ({'; '.join(formats.troubles)})"
