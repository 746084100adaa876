"""The simulated fleet loses nothing unless it is told to, and computes what a hand computes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from benchmarks.fleet import placing
from benchmarks.fleet.__main__ import main
from benchmarks.fleet.brokers import BROKERS, Broker, Cost
from benchmarks.fleet.measured import Measured, changed, read
from benchmarks.fleet.queues import Failure, Outcome, simulate
from benchmarks.fleet.report import Answer
from benchmarks.fleet.sizing import GIB, Load, Node, Plan, Size, TooLargeError, size, spread
from benchmarks.fleet.viewing import gone_after, viewing

MEASURED, NODE = Measured(), Node()
SMALL = Load(recorders=20, rate=20.0)
NO_NODE = Failure(at=2.0, node=None, seconds=3.0)


def _run(
    broker: Broker,
    load: Load = SMALL,
    measured: Measured = MEASURED,
    failure: Failure | None = None,
    **options: float,
) -> Outcome:
    _, plan = size(broker, measured, load, NODE)
    chosen = {"seconds": 8.0, "keeps": math.inf, "pause": 0.05, **options}
    return simulate(
        broker,
        measured,
        load,
        NODE,
        plan,
        failure=failure,
        seconds=chosen["seconds"],
        keeps=chosen["keeps"],
        pause=chosen["pause"],
        seed=int(chosen.get("seed", 15)),
    )


@pytest.mark.parametrize("broker", BROKERS.values(), ids=BROKERS)
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "failure",
    [None, NO_NODE, Failure(at=2.0), Failure(at=2.0, node=1, seconds=0.5), Failure(at=7.9)],
)
def test_nothing_is_lost(broker: Broker, seed: int, failure: Failure | None) -> None:
    """Every exchange that was made can be read once, whatever fails, and when."""
    found = _run(broker, failure=failure, seed=seed)
    assert found.made == found.delivered > 2_000
    assert found.dropped == 0
    assert (found.sent_again > 0) <= (not broker.quorum)


@pytest.mark.parametrize("broker", BROKERS.values(), ids=BROKERS)
@pytest.mark.parametrize(("keeps", "drops"), [(4.0, False), (1.0, True), (0.25, True)])
def test_only_a_short_memory_of_the_recorders_drops(
    broker: Broker, keeps: float, drops: bool
) -> None:
    """What a recorder's own capture no longer has is counted; all else arrives."""
    found = _run(broker, failure=NO_NODE, keeps=keeps)
    assert found.made == found.delivered + found.dropped
    assert (found.dropped > 0) == drops
    if drops:
        expected = SMALL.total * (3.0 - keeps)
        assert found.dropped == pytest.approx(expected, rel=0.25)


def test_it_does_the_same_again() -> None:
    """A seed decides everything."""
    redis = BROKERS["redis"]
    assert _run(redis, failure=Failure(at=2.0)) == _run(redis, failure=Failure(at=2.0))
    assert _run(redis, seed=1) != _run(redis, seed=2)


TEN_MILLISECONDS = Measured(publish_us=10_000.0, redis_in_us=1.0, redis_copy_us=1.0)


def test_catching_up_by_hand() -> None:
    """One recorder makes 10 a second, and its publisher manages 100.

    After 10 seconds away, each second of work carries 10 seconds of traffic, so the lag falls from
    10 s by 9 a second: to the 1 s that counts as late in 1 s.
    """
    one = Load(recorders=1, rate=10.0)
    away = Failure(at=5.0, node=None, seconds=10.0)
    found = _run(BROKERS["redis"], one, TEN_MILLISECONDS, away, seconds=60.0)
    assert found.waited_most == pytest.approx(100, rel=0.3)
    assert found.lag_most == pytest.approx(10.2, abs=0.6)
    assert found.caught_up_seconds == pytest.approx(1.0, abs=0.35)
    assert found.lag_p50 == pytest.approx(0.2 + 2 * 0.01, abs=0.02)
    assert found.recorders_hit == 1


def test_a_publisher_does_not_know_that_it_could_go_on() -> None:
    """Its pauses double, each from a half on: 0.1 to 0.2, to 0.6, to 1.4, 3, and 6.2 seconds.

    So after 3.1 seconds, the next attempt is 6.2 seconds after the failure at most, and after that
    of a publisher that hardly pauses.
    """
    away = Failure(at=2.0, node=None, seconds=3.1)
    late, soon = (
        _run(BROKERS["kafka"], failure=away, seconds=12.0, pause=pause) for pause in (15.0, 0.05)
    )
    assert soon.caught_up_seconds < 0.5 < late.caught_up_seconds < 3.6
    assert soon.made == late.made == late.delivered


@pytest.mark.parametrize("broker", BROKERS.values(), ids=BROKERS)
def test_longer_is_worse(broker: Broker) -> None:
    """A longer failure makes more wait, for longer, and takes longer to make good."""
    lasting = [1.5, 3.0, 4.5]
    found = [_run(broker, failure=Failure(at=2.0, node=None, seconds=each)) for each in lasting]
    for one, next_one in pairwise(found):
        assert one.waited_most < next_one.waited_most
        assert one.lag_most < next_one.lag_most
        assert one.caught_up_seconds <= next_one.caught_up_seconds


def _size(broker: Broker, load: Load, measured: Measured = MEASURED, node: Node = NODE) -> Size:
    return size(broker, measured, load, node)[0]


@pytest.mark.parametrize("broker", BROKERS.values(), ids=BROKERS)
def test_more_needs_more(broker: Broker) -> None:
    """More recorders, more to keep, or larger exchanges never need less."""
    base = Load(recorders=300, rate=20.0, keeps_seconds=3_600.0)
    here = _size(broker, base)
    for load, measured in (
        (msgspec.structs.replace(base, recorders=900), MEASURED),
        (msgspec.structs.replace(base, rate=100.0), MEASURED),
        (msgspec.structs.replace(base, keeps_seconds=36_000.0), MEASURED),
        (base, changed(MEASURED, ["bytes=55000", "packed_bytes=5500", "redis_bytes=62000"])),
    ):
        more = _size(broker, load, measured)
        assert more.nodes >= here.nodes
        assert more.units >= here.units
        assert more.memory_gib + more.disk_gib > here.memory_gib + here.disk_gib


@pytest.mark.parametrize("broker", BROKERS.values(), ids=BROKERS)
def test_what_it_asks_for_is_enough(broker: Broker) -> None:
    """No node is fuller or busier than it may be, before a failure and after one."""
    found, plan = size(broker, MEASURED, Load(), NODE)
    assert found.use.fits(broker, NODE.busy)
    assert found.use_after.fits(broker._replace(fill=1.0), NODE.busy_after)
    assert found.unit_busy <= NODE.busy
    assert all(len(set(homes)) == broker.copies for homes in plan.homes)
    leads = [plan.leader(unit) for unit in range(found.units)]
    assert max(map(leads.count, leads)) <= math.ceil(found.units / found.nodes)
    assert all(plan.leader(unit, gone=0) != 0 for unit in range(found.units))


@dataclass(frozen=True)
class Fixed:
    """A broker that costs round numbers."""

    cost: Cost

    def broker(self, **changes: object) -> Broker:
        """Return it."""
        made = BROKERS["redis"]._replace(
            cost=lambda _: self.cost, place=placing.by_number, copies=2, fill=0.5
        )
        return made._replace(**changes)  # type: ignore[arg-type]


ROUND = Fixed(Cost(1_000.0, 0.0, 500.0, 125e6 / 1_000, GIB / 1_000, 0.0))
"""A millisecond to lead, half of one to follow, and a megabit and a thousandth of a GiB each."""


def test_a_size_by_hand() -> None:
    """Four recorders at 100 a second, kept for 10 s on nodes of 8 cores, 16 GiB and 1 Gbit/s.

    A unit's core may be busy by half: 500 a second. What it keeps may be a quarter of half of
    16 GiB, 2 GiB: 200 a second. So there are 2 units of 2 recorders, each of 2 GiB. All copies are
    8 GiB, which would fit one node; three are the fewest that can agree. The fullest has the leader
    of one unit and a copy of the other: 4 of 16 GiB, 200 * (1 + 0.5) ms of 8 cores, 400 Mbit/s in
    and 200 out.
    """
    load = Load(recorders=4, rate=100.0, readers=0.0, keeps_seconds=10.0)
    node = Node(memory_gib=16.0, network_gbit=1.0)
    found = _size(ROUND.broker(), load, node=node)
    assert (found.units, found.nodes, found.recorders_per_unit) == (2, 3, 2)
    assert found.unit_busy == pytest.approx(0.2)
    assert found.memory_gib == pytest.approx(8.0)
    assert found.in_gbit == pytest.approx(0.4)
    assert found.use.memory == pytest.approx(4 / 16)
    assert found.use.processor == pytest.approx(200 * 1.5e-3 / 8)
    assert found.use.network_in == pytest.approx(0.4)
    assert found.use.network_out == pytest.approx(0.2)
    assert found.resync_seconds == pytest.approx(4 * GIB / (1e9 / 8 / 2))


def test_what_no_size_carries() -> None:
    """A recorder that is more than a unit takes is refused with one line."""
    with pytest.raises(
        TooLargeError, match="600 exchanges a second, and a shard takes 500 because"
    ):
        _size(ROUND.broker(), Load(recorders=1, rate=600.0, keeps_seconds=1.0))
    with pytest.raises(TooLargeError, match="because of memory: keep less"):
        _size(BROKERS["redis"], Load(keeps_seconds=86_400.0))
    with pytest.raises(TooLargeError, match="more than 5,000 nodes"):
        _size(BROKERS["kafka"], Load(recorders=1, rate=1e8))


def test_copies_are_spread() -> None:
    """What a node leads has its copies on all others, so that all share what it leaves."""
    plan: Plan = spread(BROKERS["kafka"], range(100), 5)
    after = [plan.leader(unit, gone=0) for unit in range(100) if plan.leader(unit) == 0]
    assert {node: after.count(node) for node in set(after)} == {1: 5, 2: 5, 3: 5, 4: 5}


@pytest.mark.parametrize(
    ("hashed", "expected"),
    [
        (placing.crc16(b"123456789"), 0x31C3),
        (placing.hash_slot("foo"), 12_182),
        (placing.hash_slot("somekey"), 11_058),
        (placing.hash_slot("a{foo}b{bar}"), 12_182),
        (placing.hash_slot("foo{}{bar}"), placing.crc16(b"foo{}{bar}") % 16_384),
        (placing.hash_slot("cookietrace:{foo}:events"), 12_182),
        (placing.murmur2(b"21"), -973_932_308 & 0xFFFFFFFF),
        (placing.murmur2(b"foobar"), -790_332_482 & 0xFFFFFFFF),
        (placing.murmur2(b"a-little-bit-long-string"), -985_981_536 & 0xFFFFFFFF),
        (placing.fnv1a(b"a"), 0xE40C292C),
        (placing.fnv1a(b"foobar"), 0xBF9CF968),
    ],
)
def test_the_hashes(hashed: int, expected: int) -> None:
    """They are those of the brokers, by published examples."""
    assert hashed == expected


@pytest.mark.parametrize(
    "place", [placing.redis_shard, placing.kafka_partition, placing.jetstream_stream]
)
def test_the_hashes_spread(place: placing.Place) -> None:
    """No unit of ten gets twice its part of a thousand recorders, and none gets nothing."""
    units = placing.placed(placing.names(1_000), place, 10)
    assert set(units) == set(range(10))
    assert placing.fullest(units) < 200


def test_following_everything() -> None:
    """Ten a millisecond are made, and one process folds one: a ninth later, the rest is gone."""
    measured = changed(MEASURED, ["view_us=1000", "bytes=125", "publish_us=2000"])
    load = Load(recorders=100, rate=100.0)
    found = viewing(measured, load)
    assert found.behind_per_second == pytest.approx(9_000.0)
    assert gone_after(measured, load, 90.0) == pytest.approx(100.0)
    assert gone_after(measured, Load(recorders=1, rate=999.0), 90.0) == math.inf
    assert (found.one_capture.mbit, found.everything.mbit) == pytest.approx((0.1, 10.0))
    assert (found.one_capture.cores, found.everything.cores) == pytest.approx((0.1, 10.0))
    assert (found.publisher_cores, found.publishers_cores) == pytest.approx((0.2, 20.0))


TINY = ["--recorders", "12", "--rate", "5", "--seconds", "3", "--outage", "1"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a column per broker, and writes what it found."""
    path = tmp_path / "fleet.json"
    assert main([*TINY, "--json", str(path)]) == 0
    printed = capsys.readouterr().out
    for broker in BROKERS.values():
        assert broker.name in printed
        assert all(term in printed for term in broker.terms)
    found = msgspec.json.decode(path.read_bytes(), type=Answer)
    assert list(found.brokers) == list(BROKERS)
    for each in found.brokers.values():
        assert each.all_away.made == each.all_away.delivered > 0
    assert main([*TINY, "--broker", "kafka"]) == 0
    assert "Redis Cluster" not in capsys.readouterr().out


def test_a_load_that_is_too_large(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are still shown, and one line says why it is not."""
    heavy = ["--set", "redis_in_us=1000000"]
    assert main([*TINY, *heavy, "--broker", "redis", "--broker", "kafka"]) == 0
    printed = capsys.readouterr().out
    assert "too large: Redis Cluster: one recorder makes 5 exchanges a second" in printed
    assert "Kafka" in printed


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--set", "speed=1"], "speed: known are bytes, packed_bytes"),
        (["--set", "bytes=much"], "bytes=much: write it as bytes=NUMBER"),
        (["--set", "bytes=0"], "bytes must be more than 0"),
        (["--measured", "nothing.json"], "No such file"),
    ],
)
def test_options_that_are_wrong(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, and status 2."""
    assert main([*TINY, *options]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_measured_figures_are_read(tmp_path: Path) -> None:
    """What ``benchmarks.fleet.measure`` writes replaces the defaults."""
    path = tmp_path / "measured.json"
    path.write_bytes(b'{"redis": "7.0.15", "measured": {"bytes": 10, "redis_in_us": 2.5}}')
    assert read(path) == Measured(bytes=10.0, redis_in_us=2.5)


def test_the_page_computes_with_the_figures_that_the_simulation_has() -> None:
    """``docs/SCALING.md`` names one time of the publisher, and its arithmetic follows from it."""
    page = (Path(__file__).parents[2] / "docs" / "SCALING.md").read_text("utf-8")
    micros = MEASURED.publish_us
    assert f"| processor time of the publisher | {micros:.0f} µs: " in page
    assert f"exchanges per recorder at {micros:.0f}\n" in page
    share = 50 * micros / 1e4
    assert page.count(f"{share:.1f} % of a core") == 2
    assert f"it would take {1000 * share / 100:.0f} cores" in page
