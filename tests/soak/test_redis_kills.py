"""A few rounds of the soak: Redis, the recorder and the publisher are killed under load."""

from __future__ import annotations

from pathlib import Path

from tests.soak.redis_kills import Rounds
from tests.soak.redis_part import finding


def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """A Redis that loses its data, a recorder and a publisher are killed, alone and together."""
    outcome = Rounds(tmp_path, tmp_path / "confdir", 0).run(["redis and recorder", "publisher"])
    found = finding([outcome])
    assert found.kept, found.figure
