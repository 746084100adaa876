"""What the Containerfile promises, read from it.

``make check`` lints it, and CI runs its steps with ``tests.containerfile``.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib

import pytest

from proxy_addon import alive
from tests.containerfile import (
    ROOT,
    Step,
    context,
    environment,
    health_check,
    of_name,
    only,
    stages,
)

BUILD, IMAGE = stages()
SHIPPED = ("cookietrace", "proxy_addon", "demo_app", "tui")


def _commands(stage: list[Step]) -> str:
    return "\n".join(step.value for step in of_name(stage, "RUN"))


def test_the_base_is_one_version_for_both_stages() -> None:
    """A slim Python whose patch version and Debian release are named."""
    (base,) = re.findall(r"^ARG PYTHON=(\S+)$", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    assert re.fullmatch(r"python:3\.1[1-9]\.\d+-slim-[a-z]+", base)
    assert [only(stage, "FROM").words[0] for stage in (BUILD, IMAGE)] == ["${PYTHON}"] * 2


def test_the_build_sees_the_wheel_s_files_and_nothing_else() -> None:
    """What is copied is what the ignore file lets through, for both engines' names of it."""
    copied = [name for step in of_name(BUILD, "COPY") for name in step.words[:-1]]
    assert sorted(copied) == sorted(name.rstrip("/") for name in context())
    assert {name.rstrip("/") for name in context() if name.endswith("/")} == set(SHIPPED)
    assert (ROOT / ".dockerignore").resolve() == ROOT / ".containerignore"


def test_only_the_environment_reaches_the_image() -> None:
    """It comes from the first stage; nothing is installed or compiled in the second."""
    (copied,) = of_name(IMAGE, "COPY")
    assert copied.words == ["--from=build", "/opt/cookietrace", "/opt/cookietrace"]
    assert not re.search(r"\b(pip|apt|apt-get|gcc|curl|wget)\b", _commands(IMAGE))
    assert "--without-pip /opt/cookietrace" in _commands(BUILD)
    assert "--only-binary :all:" in _commands(BUILD)
    assert environment(BUILD)["PIP_CONSTRAINT"] == "/source/constraints.txt"


def test_the_extras_are_all_there_are() -> None:
    """The wheel is installed with every extra that pyproject.toml declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (named,) = re.findall(r"\.whl\)\[([a-z,]+)\]", _commands(BUILD))
    assert set(project.get("optional-dependencies", {})) <= set(named.split(","))


def test_it_runs_as_a_user_without_rights() -> None:
    """The user has a fixed number and no shell, owns its folders, and starts what is started."""
    steps = [step.name for step in IMAGE]
    user = only(IMAGE, "USER").value
    assert re.search(rf"useradd --uid 10001 .*--shell /usr/sbin/nologin {user} ", _commands(IMAGE))
    assert steps.index("USER") < steps.index("ENTRYPOINT")
    assert f"--owner={user} --group={user}" in _commands(IMAGE)


def test_what_is_kept_is_in_volumes() -> None:
    """The captures, and apart from them the proxy's CA."""
    assert only(IMAGE, "VOLUME").words == ["/data", "/home/cookietrace/.mitmproxy"]
    assert environment(IMAGE)["XDG_DATA_HOME"] == "/data"


def test_the_ports() -> None:
    """Both listeners are open to the engine, and the health check asks the first."""
    ports = only(IMAGE, "EXPOSE").words
    listening = re.findall(r"'(listen|reverse-listen) = \"0\.0\.0\.0:(\d+)\"'", _commands(IMAGE))
    assert listening == [("listen", ports[0]), ("reverse-listen", ports[1])]
    python, flag, module, address = health_check(IMAGE)
    assert (python, flag) == ("python", "-m")
    assert importlib.util.find_spec(module) is not None
    assert module == alive.__name__
    assert address == f"127.0.0.1:{ports[0]}"


def test_the_check_has_time_to_answer() -> None:
    """The engine waits longer than the health check does."""
    value = only(IMAGE, "HEALTHCHECK").value
    (seconds,) = re.findall(r"--timeout=(\d+)s", value)
    assert float(seconds) > alive.SECONDS


@pytest.mark.parametrize(
    ("ignore", "seen"),
    [
        ("*\n!README.md\n", ["README.md"]),
        ("# all\n*\n!tui/\n!LICENSE\nLICENSE\n", ["tui/"]),
        ("*\n", []),
    ],
)
def test_the_context(ignore: str, seen: list[str]) -> None:
    """The last line that matches a name decides."""
    assert context(ignore) == seen


def test_the_page_shows_how() -> None:
    """The page names both ports, both volumes, and the commands of both engines."""
    page = (ROOT / "docs" / "INSTALL.md").read_text(encoding="utf-8")
    for text in (
        "docker build -f Containerfile -t cookietrace .",
        "podman build -t cookietrace .",
        *(f"-p 127.0.0.1:{port}:{port}" for port in only(IMAGE, "EXPOSE").words),
        *only(IMAGE, "VOLUME").words,
        health_check(IMAGE)[2],
    ):
        assert text in page, text
