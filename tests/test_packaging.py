"""What is shipped: the wheel's contents, its entry points, and the versions it was tested with."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import cookietrace

ROOT = Path(cookietrace.__file__).parents[1]
PACKAGES = {"cookietrace", "proxy_addon", "demo_app", "tui"}
PIN = re.compile(
    r'^(?P<name>[a-z0-9-]+)==[0-9][0-9a-z.+]*( ; python_version (<|>=|==|!=) "3\.12")?$'
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout, built without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


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


def test_pins_are_exact_and_host_free() -> None:
    """Each line names a package and one version, for all Pythons or for some."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not PIN.match(line)] == []
    assert pins == sorted(pins, key=lambda line: line.split("==")[0])
