"""What is off in a browser tab: whatever writes a file, saves a setting or opens a browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from tui.app.commands import ACTIONS

OFF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "export": "A browser tab writes no files: run cookietrace export in a terminal.",
        "browser": "A browser tab opens no browsers: start the recording with --browser.",
        "setting": "A browser tab saves no settings: run cookietrace config in a terminal.",
    }
)
"""The actions that are off in every tab, each with what to do instead."""

_HIDDEN: Final[Mapping[str, str]] = MappingProxyType(
    {"mask": "Cookie values stay hidden here: the page can be opened from other machines."}
)
"""What is also off if values have to stay hidden."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def actions_off(*, in_tab: bool, values_stay_hidden: bool) -> Mapping[str, str]:
    """Return the names of the actions that are off, each with what a notice says about it."""
    return {**(OFF if in_tab else NOTHING), **(_HIDDEN if values_stay_hidden else NOTHING)}


def working_keys(
    keys: Iterable[tuple[str, str]], off: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Return the lines of help about keys, without those of actions that are off."""
    off = frozenset(off)
    silent = {key for _, action, key in ACTIONS if action in off}
    return tuple(line for line in keys if line[0] not in silent)
