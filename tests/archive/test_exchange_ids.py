"""An id leads to its number, however many there are."""

from __future__ import annotations

import pickle

from cookietrace.archive.exchange_ids import ExchangeIds


class _Names:
    """Knows the ids that were added."""

    def __init__(self) -> None:
        self.ids = [""]

    def id_of(self, number: int) -> str:
        """Return the id of a number."""
        return self.ids[number]


def test_every_id_has_its_number_and_no_other_has_one() -> None:
    """The newest and the older ones, also in another process, which knows no marks."""
    names = _Names()
    ids = ExchangeIds(names)
    for number in range(1, 20_001):
        name = f"exchange {number}"
        assert ids.number(name) is None
        names.ids.append(name)
        ids.add(name, number)
    every = names.ids[1:]
    for known in (ids, pickle.loads(pickle.dumps(ids))):
        assert [known.number(name) for name in every] == list(range(1, 20_001))
        assert [known.number(f"other {number}") for number in range(500)] == [None] * 500
        known.add("one more", 20_001)
        assert known.number("one more") == 20_001
