"""The whole witness for one framework as a single Python file.

The file is joined from the modules beside this one, so that there is no second copy
of their code. It needs the standard library and the framework, and Python 3.9.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import NamedTuple

import cookietrace
from cookietrace.witness.mark import PROTOCOL

FILE_NAME = "cookietrace_witness.py"
"""The name under which the documentation saves the file."""


class Part(NamedTuple):
    """What the file takes from one of our modules."""

    module: str
    names: tuple[str, ...] = ()
    """The definitions to take; empty for all."""


_COMMON = (
    Part("cookietrace.addresses", ("is_this_machine",)),
    Part("cookietrace.witness.mark"),
    Part("cookietrace.witness.arrival"),
    Part("cookietrace.witness.secret"),
    Part("cookietrace.witness.trust"),
    Part("cookietrace.witness.report"),
    Part("cookietrace.witness.notes"),
    Part("cookietrace.witness.values"),
    Part("cookietrace.witness.view_source"),
    Part("cookietrace.witness.view_trace"),
    Part("cookietrace.witness.sight"),
)
_WSGI = (*_COMMON, Part("cookietrace.witness.witnessed_wsgi"))
_ASGI = (*_COMMON, Part("cookietrace.witness.witnessed_asgi"))
_WERKZEUG = (
    Part("cookietrace.witness.werkzeug_cookies"),
    Part("cookietrace.witness.werkzeug_sight"),
)


class Framework(NamedTuple):
    """A framework that there is a witness for."""

    title: str
    needs: str
    """What the file needs besides the standard library and Python 3.9."""
    parts: tuple[Part, ...]
    """The modules to join; each one imports only from those before it."""
    call: str = "witness(app)"
    """The second of the two lines to add."""


_WRAPS = "app = witness(app)"


def _witness(*modules: str) -> tuple[Part, ...]:
    return tuple(Part(f"cookietrace.witness.{module}") for module in modules)


FRAMEWORKS: Mapping[str, Framework] = {
    "flask": Framework(
        "Flask", "Flask 2.0 or newer, and nothing else", (*_WSGI, *_WERKZEUG, *_witness("flask"))
    ),
    "django": Framework(
        "Django",
        "Django 4.2 or newer, and nothing else",
        (*_WSGI, *_witness("witnessed_asgi", "recording_dict", "threads", "django")),
        "application = witness(application)",
    ),
    "bottle": Framework(
        "Bottle", "Bottle 0.12 or newer, and nothing else", (*_WSGI, *_witness("bottle"))
    ),
    "pyramid": Framework(
        "Pyramid", "Pyramid 2.0 or newer, and nothing else", (*_WSGI, *_witness("pyramid")), _WRAPS
    ),
    "starlette": Framework(
        "Starlette and FastAPI",
        "Starlette 0.36 or newer, and nothing else",
        (*_ASGI, *_witness("recording_dict", "threads", "starlette")),
    ),
    "quart": Framework(
        "Quart", "Quart 0.19 or newer, and nothing else", (*_ASGI, *_WERKZEUG, *_witness("quart"))
    ),
    "wsgi": Framework("any WSGI app", "and nothing else", (*_WSGI, *_witness("wsgi")), _WRAPS),
    "asgi": Framework("any ASGI app", "and nothing else", (*_ASGI, *_witness("asgi")), _WRAPS),
}
"""Every framework that ``single_file`` knows, by its name on the command line."""

_HEADER = '''\
"""The cookietrace witness for {title}, in one file.

It reports to the cookietrace proxy what your app did with its cookies. Put it beside
your app, and add two lines after the app is created:

    from cookietrace_witness import witness
    {call}

It needs Python 3.9 or newer, {needs}.
It does nothing unless the app is in debug mode or COOKIETRACE_WITNESS=1 is set.

Made by cookietrace {version}, protocol {protocol}. Do not edit it. To make it again:

    cookietrace witness {name} > {file_name}
"""

# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The cookietrace authors
# ruff: noqa
# mypy: ignore-errors
'''


def single_file(name: str) -> str:
    """Return the source of the single file for a framework; ``name`` is in ``FRAMEWORKS``."""
    framework = FRAMEWORKS[name]
    sources = [_Source(part) for part in framework.parts]
    header = _HEADER.format(
        title=framework.title,
        needs=framework.needs,
        call=framework.call,
        version=cookietrace.__version__,
        protocol=PROTOCOL,
        name=name,
        file_name=FILE_NAME,
    )
    imports = _import_lines([node for source in sources for node in source.imports])
    typing_imports = _import_lines([node for source in sources for node in source.typing_imports])
    lines = [header, "from __future__ import annotations\n", *imports]
    if typing_imports:
        lines += ["\nif TYPE_CHECKING:", *(f"    {line}" for line in typing_imports)]
    for source in sources:
        lines.append(f"\n\n# {source.title}\n\n{source.body}")
    return "\n".join(lines) + "\n"


class _Source:
    """One part: its body, and what that imports from outside of cookietrace."""

    def __init__(self, part: Part) -> None:
        package, _, name = part.module.rpartition(".")
        text = files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")
        tree = ast.parse(text)
        lines = text.splitlines()
        kept = [node for node in tree.body if not part.names or _defines(node) & {*part.names}]
        dropped = [node for node in kept if _is_docstring_of(tree, node) or _is_import(node)]
        if part.names:
            body = [_text(lines, node) for node in kept]
        else:
            for node in dropped:
                lines[node.lineno - 1 : node.end_lineno] = [""] * _height(node)
            body = ["\n".join(lines)]
        self.body = re.sub(r"\n{4,}", "\n\n\n", "\n\n\n".join(body)).strip("\n")
        self.title = (ast.get_docstring(tree) or "").partition("\n")[0]
        used = {item.id for node in kept for item in ast.walk(node) if isinstance(item, ast.Name)}
        self.imports = [
            imported
            for node in tree.body
            for imported in _imported(node)
            if not part.names or imported.bound in used
        ]
        self.typing_imports = [
            imported
            for node in kept
            if _is_typing_block(node)
            for child in ast.iter_child_nodes(node)
            for imported in _imported(child)
        ]


class _Import(NamedTuple):
    """One name that an import statement binds."""

    module: str
    name: str | None
    """What is imported from the module, perhaps ``a as b``; None for the module itself."""

    @property
    def bound(self) -> str:
        """The name that the code uses."""
        return (self.name or self.module).rpartition(" ")[2]


def _imported(node: ast.AST) -> Iterator[_Import]:
    """Yield what a statement imports from outside of cookietrace."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _Import(alias.name, None)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if module != "__future__" and module.partition(".")[0] != "cookietrace":
            for alias in node.names:
                renamed = f" as {alias.asname}" if alias.asname else ""
                yield _Import(module, alias.name + renamed)


def _import_lines(imports: list[_Import]) -> list[str]:
    """Return import statements, each module once, in the order of their names."""
    plain = sorted({item.module for item in imports if item.name is None})
    modules = sorted({item.module for item in imports if item.name is not None})
    lines = [f"import {module}" for module in plain]
    for module in modules:
        names = sorted({item.name for item in imports if item.module == module and item.name})
        lines.append(f"from {module} import {', '.join(names)}")
    return lines


def _defines(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines, if it is a function or a class."""
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name} if isinstance(node, defining) else set()


def _is_docstring_of(tree: ast.Module, node: ast.stmt) -> bool:
    """Return whether a statement is the module's docstring."""
    return node is tree.body[0] and ast.get_docstring(tree) is not None


def _is_import(node: ast.stmt) -> bool:
    """Return whether a statement imports something, for type checking or always."""
    return isinstance(node, (ast.Import, ast.ImportFrom)) or _is_typing_block(node)


def _is_typing_block(node: ast.stmt) -> bool:
    """Return whether a statement is ``if TYPE_CHECKING:``."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _height(node: ast.stmt) -> int:
    """Return how many lines a statement takes."""
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def _text(lines: list[str], node: ast.stmt) -> str:
    """Return a statement's source."""
    return "\n".join(lines[node.lineno - 1 : node.end_lineno])
