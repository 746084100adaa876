"""Which marks an app follows, which it refuses, and what it logs about them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cookietrace.witness.arrival import Arrival
from cookietrace.witness.mark import mark, mark_key
from cookietrace.witness.secret import SECRET_VARIABLE
from cookietrace.witness.trust import (
    LOGGER,
    PORTS_VARIABLE,
    USED_LIMIT,
    VALID_SECONDS,
    Trust,
    Verdict,
    checked_ports,
    ports_named,
)
from tests.witness.asking import SECRET
from tests.witness.test_mark import signed

KEY = mark_key(SECRET)
NOW = 1_700_000_000.0
HERE = Arrival("127.0.0.1", True, "localhost:5000")


def made(number: int | str = 1, port: int = 5000, at: float = NOW, host: str = "localhost") -> str:
    """Return a mark for an exchange."""
    return mark(f"e{number}", f"{host}:{port}", at, KEY)


def trust(ports: tuple[int, ...] = (), secret: str | None = SECRET, at: float = NOW) -> Trust:
    """Return what decides in a new process, at this time."""
    return Trust(secret, ports, clock=lambda: at)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without ports or a secret from the environment, unless a test sets them."""
    monkeypatch.delenv(PORTS_VARIABLE, raising=False)
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged so far."""
    return [record.getMessage() for record in caplog.records if record.name == LOGGER]


def test_once(caplog: pytest.LogCaptureFixture) -> None:
    """A mark is followed once in a process; each process has a memory of its own."""
    mine, other = trust(), trust()
    assert mine.judge(made(), HERE) is Verdict.FOLLOW
    assert [mine.judge(made(), HERE) for _ in range(3)] == [Verdict.REFUSE] * 3
    assert mine.judge(made(2), HERE) is Verdict.FOLLOW
    assert other.judge(made(), HERE) is Verdict.FOLLOW
    [line] = logged(caplog)
    assert "the same mark arrived again" in line


def test_once_among_threads() -> None:
    """Of many requests at the same time with one mark, one is followed."""
    mine = trust()
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda _: mine.judge(made(), HERE), range(64)))
    assert verdicts.count(Verdict.FOLLOW) == 1


def test_memory_is_bounded() -> None:
    """However many marks come, few are kept, and none that was used is followed again."""
    now = [NOW]
    mine = Trust(SECRET, clock=lambda: now[0])
    few = USED_LIMIT + 100
    marks = [made(number, at=NOW + number / few) for number in range(few)]
    now[0] = NOW + 1
    assert {mine.judge(each, HERE) for each in marks} == {Verdict.FOLLOW}
    assert len(mine._used._until) == USED_LIMIT
    assert {mine.judge(each, HERE) for each in (*marks[:200], *marks[-200:])} == {Verdict.REFUSE}
    now[0] += 2 * VALID_SECONDS
    assert mine.judge(made("last", at=now[0]), HERE) is Verdict.FOLLOW
    assert len(mine._used._until) == 1


@pytest.mark.parametrize(
    ("host", "port", "arrived", "ports", "variable", "verdict"),
    [
        ("localhost", 5000, "localhost:5000", (), "", Verdict.FOLLOW),
        ("127.0.0.2", 5000, "127.0.0.2:5000", (), "", Verdict.FOLLOW),
        ("127.0.0.2", 5000, "localhost:5000", (), "", Verdict.REFUSE),
        ("localhost", 5000, "127.0.0.2:5000", (), "", Verdict.REFUSE),
        ("localhost", 5173, "localhost:5000", (), "", Verdict.REFUSE),
        ("localhost", 5173, "localhost:5000", (5173,), "", Verdict.FOLLOW),
        ("localhost", 5173, "localhost:5000", (), "8080, 5173", Verdict.FOLLOW),
        ("localhost", 5173, "localhost:5000", (8080,), "5173", Verdict.FOLLOW),
        ("localhost", 5000, "localhost:5000", (5173,), "5173", Verdict.FOLLOW),
        ("127.0.0.2", 5173, "localhost:5000", (5173,), "", Verdict.REFUSE),
        ("localhost", 5000, None, (), "", Verdict.REFUSE),
        ("localhost", 5000, None, (5000,), "", Verdict.FOLLOW),
        ("localhost", 50, "localhost:5000", (), "", Verdict.REFUSE),
    ],
)
def test_addresses(
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    port: int,
    arrived: str | None,
    ports: tuple[int, ...],
    variable: str,
    verdict: Verdict,
) -> None:
    """An app answers for its own address, and for localhost at the ports that it names."""
    monkeypatch.setenv(PORTS_VARIABLE, variable)
    arrival = HERE._replace(address=arrived)
    assert trust(ports).judge(made(host=host, port=port), arrival) is verdict


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (0.0, Verdict.FOLLOW),
        (VALID_SECONDS - 1, Verdict.FOLLOW),
        (1 - VALID_SECONDS, Verdict.FOLLOW),
        (VALID_SECONDS + 1, Verdict.REFUSE),
        (-VALID_SECONDS - 1, Verdict.REFUSE),
        (10.0**9, Verdict.REFUSE),
        (-(10.0**9), Verdict.REFUSE),
    ],
)
def test_times(age: float, verdict: Verdict) -> None:
    """A mark is valid for seconds, by the app's clock."""
    assert trust().judge(made(at=NOW - age), HERE) is verdict


REMOTE = Arrival("172.17.0.1", False, "localhost:5000")


@pytest.mark.parametrize(
    ("mark", "arrival", "verdict", "words"),
    [
        (
            made(port=5173),
            HERE,
            Verdict.REFUSE,
            "to localhost:5173, and this app listens at localhost:5000. If the server at port 5173 "
            "passes requests on to this app, name its port: witness(app, ports=[5173]), or "
            "COOKIETRACE_PORTS=5173.",
        ),
        (
            made(port=8000),
            HERE._replace(address=None),
            Verdict.REFUSE,
            "witness(app, ports=[8000])",
        ),
        (made(host="127.0.0.2"), HERE, Verdict.REFUSE, "Open it as localhost instead of 127.0.0.2"),
        (made(at=NOW - 75), HERE, Verdict.REFUSE, "made 75 seconds ago, and it is valid for 20."),
        (made(at=NOW + 7500), HERE, Verdict.REFUSE, "7,500 seconds from now, and it is valid"),
        (
            f"e1 {SECRET}",
            HERE,
            Verdict.OTHER_VERSION,
            "speaks version 1 of the protocol, and this witness version 2: update the cookietrace",
        ),
        (
            signed("3 whatever that is"),
            HERE,
            Verdict.OTHER_VERSION,
            "speaks version 3 of the protocol, and this witness version 2: make "
            "cookietrace_witness.py again",
        ),
        (made(), REMOTE, Verdict.REFUSE, "came from '172.17.0.1', and the witness responds only"),
        (signed("3 x"), REMOTE, Verdict.REFUSE, "came from '172.17.0.1'"),
        (
            mark("e1", "localhost:5000", NOW, mark_key("another")),
            HERE,
            Verdict.IGNORE,
            "another user's proxy; otherwise set COOKIETRACE_SECRET",
        ),
    ],
)
def test_what_is_logged(
    caplog: pytest.LogCaptureFixture, mark: str, arrival: Arrival, verdict: Verdict, words: str
) -> None:
    """One line says what is wrong with a mark and what to do, however often it comes."""
    mine = trust()
    assert [mine.judge(mark, arrival) for _ in range(3)] == [verdict] * 3
    [line] = logged(caplog)
    assert words in line
    assert "\n" not in line
    assert SECRET not in line
    assert line.startswith("cookietrace witness: no report: ")


@pytest.mark.parametrize(
    ("mark", "arrival"),
    [
        ("", HERE),
        ("e1 another-secret", HERE),
        ("x" * 100_000, HERE),
        (made() + "0", HERE._replace(is_local=False)),
        (signed("2 e1 without a time"), HERE),
    ],
)
def test_silence(caplog: pytest.LogCaptureFixture, mark: str, arrival: Arrival) -> None:
    """What anyone could send is ignored, and nothing is logged."""
    assert trust().judge(mark, arrival) is Verdict.IGNORE
    assert logged(caplog) == []


def test_the_log_cannot_be_flooded(caplog: pytest.LogCaptureFixture) -> None:
    """Forged marks make one line; even the user's own proxy makes few."""
    mine = trust()
    for number in range(200):
        mine.judge(made(number)[:-8] + f"{number:08x}", HERE)
    assert len(logged(caplog)) == 1
    for port in range(1, 200):
        mine.judge(made(port=port), HERE)
    assert len(logged(caplog)) == 20


def test_without_a_usable_secret(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says that there is no secret, or why it cannot be used."""
    mine = trust(secret=None)
    assert [mine.judge(made(), HERE) for _ in range(3)] == [Verdict.IGNORE] * 3
    monkeypatch.setenv(SECRET_VARIABLE, "short")
    other = trust(secret=None)
    assert [other.judge(made(), HERE) for _ in range(3)] == [Verdict.IGNORE] * 3
    assert trust(secret=None).judge(made(), REMOTE) is Verdict.IGNORE
    missing, unusable = logged(caplog)
    assert "set COOKIETRACE_SECRET to the same value" in missing
    assert "COOKIETRACE_SECRET must be 8 to 512 visible" in unusable
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    assert mine.judge(made(), HERE) is Verdict.FOLLOW


@pytest.mark.parametrize(
    ("text", "ports", "bad"),
    [
        ("", set(), ()),
        ("5173", {5173}, ()),
        ("5173,8080", {5173, 8080}, ()),
        (" 5173 ,\t8080,, ", {5173, 8080}, ()),
        ("5173;8080", set(), ("5173;8080",)),
        ("0,5173,65536,-1,x", {5173}, ("0", "65536", "-1", "x")),
        ("\u0665", set(), ("\u0665",)),
        ("5173.0", set(), ("5173.0",)),
    ],
)
def test_the_variable(text: str, ports: set[int], bad: tuple[str, ...]) -> None:
    """Ports are separated by commas or spaces; what is none is left out, and can be named."""
    assert ports_named(text) == (frozenset(ports), bad)


def test_a_wrong_variable(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what is wrong; the other ports count, and nothing is raised."""
    monkeypatch.setenv(PORTS_VARIABLE, "5173,http://localhost:8080\x1b")
    mine = trust()
    mine.check_ports()
    assert mine.judge(made(port=5173), HERE) is Verdict.FOLLOW
    [line] = logged(caplog)
    assert r"'http://localhost:8080\x1b', which is not a port" in line
    assert "COOKIETRACE_PORTS=5173,8080" in line


@pytest.mark.parametrize("ports", [[0], [65536], ["5173"], "5173", 5173, [True], [5173.0], [None]])
def test_wrong_ports(ports: Any) -> None:
    """A call with ports that are none fails at once, in one line that shows how to write it."""
    with pytest.raises(ValueError, match=r"ports=\[5173, 8080\]") as error:
        checked_ports(ports)
    assert "\n" not in str(error.value)
    assert checked_ports(iter([1, 65535, 1])) == {1, 65535}
