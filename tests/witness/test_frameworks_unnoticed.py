"""No app notices its witness: without a mark, with one, or if the witness itself fails."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest

from cookietrace.witness.mark import MARK_HEADER, mark, mark_key
from cookietrace.witness.notes import Notes
from cookietrace.witness.report import REPORT_HEADER, REPORT_PREFIX
from cookietrace.witness.sight import Sight
from cookietrace.witness.trust import WITNESS_VARIABLE
from tests.witness.asking import KEY, SECRET
from tests.witness.frameworks import SERVED, Served, witnessed
from tests.witness.serving import PORT, Response, marks

PATHS = ("/hello", "/reads", "/delete", "/raw", "/lost", "/aborts", "/elsewhere", "/stream")
REQUESTS = [(method, path) for path in (*PATHS, "/early", "/nowhere") for method in ("GET", "POST")]

pytestmark = [
    pytest.mark.parametrize("name", sorted(SERVED)),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
]


def forged() -> dict[str, str]:
    """Return a mark that was made with another secret."""
    return {MARK_HEADER: mark("e1", f"localhost:{PORT}", time.time(), mark_key("a-wrong-secret"))}


def responses(
    served: Served, app: Any, headers: Callable[[], dict[str, str]], peer: str = "127.0.0.1"
) -> list[Response]:
    """Return an app's response to each of the requests."""
    ask = served.asking(app, peer)
    return [ask(method, path, "user=A; in=1", headers()) for method, path in REQUESTS]


def without_ids(response: Response) -> Response:
    """Return a response without what differs each time."""
    headers = [(n, v) for n, v in response.headers if n.lower() not in ("expires", "set-cookie")]
    return response._replace(headers=headers)


@pytest.mark.parametrize(
    ("headers", "peer"), [(dict, "127.0.0.1"), (forged, "127.0.0.1"), (marks, "192.0.2.7")]
)
def test_nothing_without_the_right_mark(
    name: str, headers: Callable[[], dict[str, str]], peer: str
) -> None:
    """Without the right mark, from this machine, each response is the bare app's."""
    served = SERVED[name]
    for seen, bare in zip(
        responses(served, witnessed(name), headers, peer),
        responses(served, served.make(), headers, peer),
        strict=True,
    ):
        assert seen.all(REPORT_HEADER) == []
        assert without_ids(seen) == without_ids(bare)
        assert len(seen.headers) == len(bare.headers)


def test_only_the_report_is_added(name: str) -> None:
    """With the right mark every response is the bare app's with one more header."""
    served = SERVED[name]
    for seen, bare in zip(
        responses(served, witnessed(name), marks),
        responses(served, served.make(), dict),
        strict=True,
    ):
        assert len(seen.all(REPORT_HEADER)) == 1
        assert without_ids(seen.bare) == without_ids(bare)
        assert len(seen.bare.headers) == len(bare.headers)


def test_a_witness_that_fails(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the witness, the app's response is as it was."""

    def fails(*_given: object, **_named: object) -> Any:
        raise RuntimeError("the witness failed")

    served = SERVED[name]
    plain = served.asking(served.make())("GET", "/hello", "user=A", {})
    broken: list[tuple[type[Any], str]] = [
        (Sight, "choose"),
        (Sight, "report"),
        (Sight, "landmarks"),
        (Notes, "wrote"),
        (Notes, "writes"),
    ]
    for owner, function in broken:
        with monkeypatch.context() as patched:
            patched.setattr(owner, function, fails)
            for kind in Sight.__subclasses__():
                if function in vars(kind):
                    patched.setattr(kind, function, fails)
            seen = served.asking(witnessed(name))("GET", "/hello", "user=A", marks())
        assert without_ids(seen.bare) == without_ids(plain), function


def test_another_version(name: str) -> None:
    """A mark of another version of the protocol is told this one, and nothing else."""
    made = mark("e1", f"localhost:{PORT}", time.time(), KEY)
    other = "1" + made[1:]
    key = mark_key(SECRET)
    text = other.rpartition(" ")[0]

    value = f"{text} ctmac-{hmac.digest(key, text.encode(), 'sha256').hex()}"
    seen = SERVED[name].asking(witnessed(name))("GET", "/hello", "", {MARK_HEADER: value})
    assert seen.all(REPORT_HEADER) == [REPORT_PREFIX]


def test_off_unless_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without debug mode, its variable and a secret in the call, it is off; 0 is off always."""
    served = SERVED[name]
    monkeypatch.setenv("COOKIETRACE_SECRET", SECRET)
    monkeypatch.delenv(WITNESS_VARIABLE, raising=False)
    witness = served.module.witness
    app = witness(served.make())
    seen = [served.asking(app)("GET", "/hello", "", marks())]
    monkeypatch.setenv(WITNESS_VARIABLE, "0")
    seen.append(served.asking(witness(served.make(), secret=SECRET))("GET", "/hello", "", marks()))
    assert [each.all(REPORT_HEADER) for each in seen] == [[], []]
    monkeypatch.setenv(WITNESS_VARIABLE, "1")
    assert len(served.asking(app)("GET", "/hello", "", marks()).all(REPORT_HEADER)) == 1


def test_twice(name: str) -> None:
    """A second call changes nothing, and ports that are none are refused in one line."""
    served = SERVED[name]
    witness = served.module.witness
    app = witness(witness(served.make(), secret=SECRET), secret="another-secret")
    seen = served.asking(app)("GET", "/hello", "", marks())
    assert len(seen.all(REPORT_HEADER)) == 1
    with pytest.raises(ValueError, match="is not a list of ports"):
        witness(served.make(), ports=["x"])
