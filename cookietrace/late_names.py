"""Names of a package whose modules are imported when a name is asked for first."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def late_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a package; ``modules`` maps each name to the module that has it.

    A command that needs one of the names does not wait for the modules of the others. Type checkers
    must see ordinary imports in its place, or they take any name for a name of the package.
    """

    def named(name: str) -> Any:
        module = modules.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return named
