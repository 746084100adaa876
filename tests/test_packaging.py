"""What is shipped: the wheel, the sdist that gives the same wheel, and the tested versions.

CI installs the wheel and runs it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
PACKAGES = {"cookietrace", "proxy_addon", "demo_app", "tui"}
PIN = re.compile(
    r'^(?P<name>[a-z0-9-]+)==[0-9][0-9a-z.+]*( ; python_version (<|>=|==|!=) "3\.1[23]")?$'
)


def _build(source: Path, target: Path, *kinds: str) -> None:
    """Build from a folder, without any network."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    for kind in kinds:
        command += ["-t", kind]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("built")
    _build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    """The wheel of this checkout."""
    (found,) = built.glob("*.whl")
    return zipfile.ZipFile(found)


@pytest.fixture(scope="module")
def sdist(built: Path) -> tarfile.TarFile:
    """The sdist of this checkout."""
    (found,) = built.glob("*.tar.gz")
    return tarfile.open(found)


def test_the_wheel_holds_the_four_packages_whole(wheel: zipfile.ZipFile) -> None:
    """Every source and data file of the four packages is in, and nothing else: no tests."""
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in held} == PACKAGES
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == there
    for data in ("cookietrace/py.typed", "tui/app/styles.tcss"):
        assert data in held
    assert any(name.startswith("demo_app/templates/") for name in held)


def test_the_wheel_says_what_it_adds(wheel: zipfile.ZipFile) -> None:
    """Command, flow format and pytest plugin are entry points; the licence is included."""
    names = wheel.namelist()
    (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
    text = wheel.read(entry_points).decode()
    assert "cookietrace = cookietrace.entry:main" in text
    assert "flow = proxy_addon.flows.format:FORMAT" in text
    assert "[pytest11]\ncookietrace = cookietrace.pytest_plugin" in text
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_metadata(wheel: zipfile.ZipFile) -> None:
    """Version, licence, lowest Python, extras and requirements are those of pyproject.toml."""
    (path,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    says = message_from_bytes(wheel.read(path))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert says["Name"] == "cookietrace"
    assert says["Version"] == cookietrace.__version__
    assert says["License-Expression"] == project["license"] == "MIT"
    assert says["Requires-Python"] == project["requires-python"]
    assert "Typing :: Typed" in says.get_all("Classifier", [])
    extras = project.get("optional-dependencies", {})
    assert sorted(says.get_all("Provides-Extra", [])) == sorted(extras)
    required = says.get_all("Requires-Dist", [])
    plain = [line for line in required if "extra ==" not in line]
    assert len(plain) == len(project["dependencies"])
    assert len(required) - len(plain) == sum(map(len, extras.values()))


def test_the_sdist_gives_the_same_wheel(
    built: Path, sdist: tarfile.TarFile, tmp_path: Path
) -> None:
    """Unpacked where there is no repository, it is built to the same bytes."""
    sdist.extractall(tmp_path, filter="data")
    _build(tmp_path / f"cookietrace-{cookietrace.__version__}", tmp_path / "again", "wheel")
    (first,) = built.glob("*.whl")
    assert (tmp_path / "again" / first.name).read_bytes() == first.read_bytes()


def test_the_sdist_can_be_tested(sdist: tarfile.TarFile) -> None:
    """It holds the tests and what they read, and nothing that was made here."""
    names = {name.partition("/")[2] for name in sdist.getnames()}
    for needed in ("Makefile", "constraints.txt", "Containerfile", ".containerignore", "LICENSE"):
        assert needed in names
    folders = {name.partition("/")[0] for name in names if "/" in name}
    assert folders == PACKAGES | {"tests", "benchmarks", "docs"}
    assert not any(re.search(r"__pycache__|\.pyc$|\.cookietrace$", name) for name in names)


def test_pins_are_exact_and_host_free() -> None:
    """Each line names a package and one version, for all Pythons or for some."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not PIN.match(line)] == []
    assert pins == sorted(pins, key=lambda line: line.split("==")[0])
