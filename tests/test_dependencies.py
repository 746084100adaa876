"""What pyproject.toml declares is what the code imports: nothing undeclared, nothing unused."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
SHIPPED = ("cookietrace", "proxy_addon", "demo_app", "tui")
TOOLING = ("tests", "benchmarks")
FIRST_PARTY = {*SHIPPED, *TOOLING}
STUBS_ONLY = {"_typeshed"}
"""Modules that exist for type checkers alone."""

_WITNESS = ROOT / "cookietrace" / "witness"

HOSTS = {
    "pytest": {ROOT / "cookietrace" / "pytest_plugin.py"},
    "anyio": {_WITNESS / "threads.py"},
    "asgiref": {_WITNESS / "django.py", _WITNESS / "threads.py"},
    "bottle": {_WITNESS / "bottle.py"},
    "django": {_WITNESS / "django.py"},
    "pyramid": {_WITNESS / "pyramid.py"},
    "quart": {_WITNESS / "quart.py"},
    "webob": {_WITNESS / "pyramid.py"},
}
"""Programs that load a module of ours as their plugin, and frameworks whose apps load the witness
for them: only those modules import them."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: list[str] = [
    requirement
    for requirements in PROJECT["project"]["optional-dependencies"].values()
    for requirement in requirements
]
DEVELOPMENT: list[str] = PROJECT["dependency-groups"]["dev"]


class Imported(NamedTuple):
    """One import of a module that is not ours."""

    module: str
    """Its first part: ``flask`` for ``flask.views``."""
    place: str
    """``file:line``"""


def imports(files: Iterable[Path]) -> Iterator[Imported]:
    """Yield what the files import from outside of this project and the standard library."""
    known = sys.stdlib_module_names | FIRST_PARTY | STUBS_ONLY
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            elif isinstance(node, ast.Call) and _imports_by_name(node):
                modules = [ast.literal_eval(node.args[0])]
            else:
                continue
            for module in modules:
                root = module.partition(".")[0]
                if root not in known and file not in HOSTS.get(root, ()):
                    yield Imported(root, f"{file}:{node.lineno}")


def _imports_by_name(call: ast.Call) -> bool:
    """Return whether a call is ``import_module("name")``."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "import_module" and isinstance(call.args[0], ast.Constant)


def sources(*folders: str) -> list[Path]:
    """Return the Python files in some folders of this project."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def normalized(name: str) -> str:
    """Return a distribution's name in the one form in which names can be compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: Iterable[str]) -> set[str]:
    """Return the names of the distributions that requirements ask for."""
    return {normalized(re.split(r"[<>=!~; \[]", text)[0]) for text in requirements}


PROVIDERS = {
    module: {normalized(name) for name in names}
    for module, names in metadata.packages_distributions().items()
}


def providers(module: str) -> set[str]:
    """Return the distributions that a module may come from; one not installed has its name."""
    return PROVIDERS.get(module, {normalized(module)})


def undeclared(imported: Iterable[Imported], names: set[str]) -> list[str]:
    """Return the places that import what is not declared."""
    return [
        f"{item.place}: {item.module}" for item in imported if not providers(item.module) & names
    ]


def unused(imported: Iterable[Imported], names: set[str]) -> set[str]:
    """Return the declared distributions that no file imports."""
    used: set[str] = set()
    return names - used.union(*(providers(item.module) for item in imported))


def commands() -> set[str]:
    """Return the programs that the Makefile runs, and the modules that tests run with ``-m``."""
    found = set(re.findall(r"\$\(BIN\)/([\w-]+)", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for file in sources(*TOOLING):
        found.update(re.findall(r'"-m", "(\w+)"', file.read_text(encoding="utf-8")))
    return found


def is_tool(name: str) -> bool:
    """Return whether a distribution is used without an import.

    It is a pytest plugin, or a program that we run, or the stubs of something imported.
    """
    distribution = metadata.distribution(name)
    if distribution.entry_points.select(group="pytest11"):
        return True
    programs = {file.name for file in distribution.files or () if file.parent.name == "bin"}
    if programs & commands():
        return True
    return name.startswith("types-") and name.removeprefix("types-") in declared(DEVELOPMENT)


def test_everything_imported_is_declared() -> None:
    """What is shipped imports nothing that installing it, with its extras, would not install.

    A plugin imports the program that loads it, which is there.
    """
    assert undeclared(imports(sources(*SHIPPED)), declared([*RUNTIME, *EXTRAS])) == []


def test_everything_declared_is_imported() -> None:
    """Installing it installs nothing that it does not import."""
    assert unused(imports(sources(*SHIPPED)), declared([*RUNTIME, *EXTRAS])) == set()


def test_tests_import_only_what_is_declared() -> None:
    """Tests and benchmarks run with the declared dependencies and the development group."""
    assert undeclared(imports(sources(*TOOLING)), declared([*RUNTIME, *DEVELOPMENT])) == []


def test_the_development_group_is_used() -> None:
    """Whatever the group holds is imported, or a plugin, or a program that is run, or an extra."""
    left = unused(imports(sources(*TOOLING)), declared(DEVELOPMENT) - declared(EXTRAS))
    assert {name for name in left if not is_tool(name)} == set()
    assert declared(DEVELOPMENT) & declared(RUNTIME) == set()


def test_the_extras_are_tested() -> None:
    """Whatever an extra installs is in the development group too, and in no plain install."""
    assert declared(EXTRAS) - declared(DEVELOPMENT) == set()
    assert declared(EXTRAS) & declared(RUNTIME) == set()


@pytest.mark.parametrize("requirement", [*RUNTIME, *EXTRAS])
def test_lower_bounds(requirement: str) -> None:
    """Every runtime dependency says which version is old enough to have been tried."""
    assert re.fullmatch(r"[a-z0-9-]+(\[[a-z,-]+\])?>=[0-9.]+(,<[0-9]+)?", requirement)


def test_every_dependency_is_pinned() -> None:
    """Whatever pyproject.toml asks for has a tested version in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {normalized(line.split("==")[0]) for line in lines}
    assert declared([*RUNTIME, *EXTRAS, *DEVELOPMENT]) - pinned == set()


def test_a_gap_is_found(tmp_path: Path) -> None:
    """An import that is not declared is named with its place, and so is an unused name."""
    file = tmp_path / "module.py"
    file.write_text("import os\n\ndef f():\n    from flask.views import View\n", encoding="utf-8")
    seen = list(imports([file]))
    assert undeclared(seen, {"click"}) == [f"{file}:4: flask"]
    assert unused(seen, {"click"}) == {"click"}
    assert undeclared(seen, {"flask"}) == []
    assert unused(seen, {"flask"}) == set()
