"""How many units and nodes a load needs, and what the fullest of them then does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from benchmarks.fleet.brokers import Broker
from benchmarks.fleet.measured import Measured
from benchmarks.fleet.placing import by_number, fullest, names, placed

GIB = 2.0**30
MOST_NODES = 5_000
UNIT_PART = 0.25


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What the recorders make, and who reads it."""

    recorders: int = 1_000
    rate: float = 50.0
    """Exchanges per second of each."""
    readers: float = 0.1
    """How many viewers read each capture, on average: most are read by nobody."""
    keeps_seconds: float | None = None
    """How long the broker keeps what it was given; None for what is usual for it."""

    @property
    def total(self) -> float:
        """Exchanges per second of all recorders."""
        return self.recorders * self.rate


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One machine of a broker, and how much of it may be in use."""

    cores: float = 8.0
    memory_gib: float = 64.0
    disk_gib: float = 2_000.0
    disk_mb: float = 500.0
    """Megabytes per second that its disk writes."""
    network_gbit: float = 10.0
    """Each way."""
    busy: float = 0.5
    """How much of processor, network and disk may be busy while all nodes are there."""
    busy_after: float = 0.9
    """The same after one has failed."""


class Plan(msgspec.Struct, frozen=True):
    """Which unit each recorder has, and where the copies of each unit are."""

    units: tuple[int, ...]
    """By recorder."""
    homes: tuple[tuple[int, ...], ...]
    """By unit: the nodes of its copies, the leader's first."""
    nodes: int

    def leader(self, unit: int, gone: int | None = None) -> int:
        """Return the node that leads a unit, also after a node has failed."""
        return next(node for node in self.homes[unit] if node != gone)


class Use(msgspec.Struct, frozen=True):
    """How busy the busiest node is, as a part of what it has."""

    processor: float
    network_in: float
    network_out: float
    disk_write: float
    memory: float
    disk: float

    def fits(self, broker: Broker, busy: float) -> bool:
        """Return whether that much may be in use."""
        moving = max(self.processor, self.network_in, self.network_out, self.disk_write)
        return moving <= busy and max(self.memory, self.disk) <= broker.fill


class Size(msgspec.Struct, frozen=True):
    """What a load needs of one broker."""

    broker: str
    unit: str
    units: int
    copies: int
    nodes: int
    use: Use
    use_after: Use
    """The same of the busiest node after the worst failure of one."""
    unit_busy: float
    """How busy the core of the fullest unit is; of a broker whose units share cores, 0."""
    recorders_per_unit: int
    """On the fullest."""
    keeps_seconds: float
    memory_gib: float
    disk_gib: float
    """Of all nodes together."""
    in_gbit: float
    """From the recorders, and between the nodes, and to the readers."""
    copy_gbit: float
    out_gbit: float
    resync_seconds: float
    """How long it takes to fill an empty node again at half of its network."""


class TooLargeError(Exception):
    """No number of nodes carries the load: one line says why."""


def size(broker: Broker, measured: Measured, load: Load, node: Node) -> tuple[Size, Plan]:
    """Return the fewest units and nodes that carry a load. Raises ``TooLargeError``."""
    units = _units(broker, measured, load, node)
    for count in _counts(broker, measured, load, node, len(set(units))):
        plan = spread(broker, units, count)
        use = busiest(broker, measured, load, node, plan)
        if not use.fits(broker, node.busy):
            continue
        after = worst_after(broker, measured, load, node, plan)
        if after.fits(broker._replace(fill=1.0), node.busy_after):
            return _size(broker, measured, load, node, plan, use, after), plan
    raise TooLargeError(f"{broker.name}: more than {MOST_NODES:,} nodes would be needed")


def unit_us(broker: Broker, measured: Measured, load: Load) -> float:
    """Return the processor time of a unit's leader for one exchange, in microseconds."""
    cost = broker.cost(measured)
    return cost.lead_us + load.readers * cost.read_us


def keeps(broker: Broker, load: Load) -> float:
    """Return how many seconds a broker keeps what it is given."""
    return broker.keeps_seconds if load.keeps_seconds is None else load.keeps_seconds


def spread(broker: Broker, units: Sequence[int], nodes: int) -> Plan:
    """Place the copies of each unit on different nodes, in turn.

    Each round begins one node later, so that what a node leads has its copies on many others.
    """
    homes = []
    for unit in range(max(units) + 1):
        first, step = unit % nodes, unit // nodes % max(1, nodes - 1)
        others = ((step + each) % (nodes - 1) for each in range(broker.copies - 1))
        homes.append((first, *((first + 1 + other) % nodes for other in others)))
    return Plan(tuple(units), tuple(homes), nodes)


def busiest(
    broker: Broker,
    measured: Measured,
    load: Load,
    node: Node,
    plan: Plan,
    gone: int | None = None,
) -> Use:
    """Return what the busiest node does: for each resource, that of the node with most of it."""
    cost, rate = broker.cost(measured), _rates(load, plan)
    leads, follows, copies_out = ([0.0] * plan.nodes for _ in range(3))
    for unit, homes in enumerate(plan.homes):
        leader = plan.leader(unit, gone)
        there = [home for home in homes if home != gone]
        leads[leader] += rate[unit]
        copies_out[leader] += rate[unit] * (len(there) - 1)
        for home in there:
            if home != leader:
                follows[home] += rate[unit]
    kept = keeps(broker, load)
    network = node.network_gbit * 1e9 / 8
    uses = [
        (
            (lead * unit_us(broker, measured, load) + follow * cost.follow_us) / 1e6 / node.cores,
            (lead + follow) * cost.wire_bytes / network,
            (lead * load.readers + copies) * cost.wire_bytes / network,
            (lead + follow) * cost.disk_bytes / (node.disk_mb * 1e6),
            (lead + follow) * kept * cost.memory_bytes / (node.memory_gib * GIB),
            (lead + follow) * kept * cost.disk_bytes / (node.disk_gib * GIB),
        )
        for lead, follow, copies in zip(leads, follows, copies_out, strict=True)
    ]
    return Use(*(max(column) for column in zip(*uses, strict=True)))


def worst_after(broker: Broker, measured: Measured, load: Load, node: Node, plan: Plan) -> Use:
    """Return what the busiest node does after the failure that makes it busiest."""
    some = range(plan.nodes) if plan.nodes <= 40 else range(0, plan.nodes, plan.nodes // 40)
    uses = [busiest(broker, measured, load, node, plan, gone) for gone in some]
    return Use(*(max(getattr(use, name) for use in uses) for name in Use.__struct_fields__))


def _rates(load: Load, plan: Plan) -> list[float]:
    """Return the exchanges per second of each unit."""
    found = Counter(plan.units)
    return [found[unit] * load.rate for unit in range(len(plan.homes))]


def _units(broker: Broker, measured: Measured, load: Load, node: Node) -> list[int]:
    """Return the unit of each recorder, with as few units as can carry the fullest."""
    recorders = names(load.recorders)
    if broker.unit_per_recorder:
        return placed(recorders, by_number, load.recorders)
    most = _most_per_unit(broker, measured, load, node)
    if load.rate > most:
        raise TooLargeError(
            f"{broker.name}: one recorder makes {load.rate:,.0f} exchanges a second, and a "
            f"{broker.unit} takes {most:,.0f}"
        )
    count = max(1, math.ceil(load.total / most))
    while count <= load.recorders * 10:
        units = placed(recorders, broker.place, count)
        if fullest(units) * load.rate <= most:
            return units
        count += max(1, count // 20)
    raise TooLargeError(f"{broker.name}: the recorders cannot be spread evenly enough")


def _most_per_unit(broker: Broker, measured: Measured, load: Load, node: Node) -> float:
    """Return the exchanges per second that one unit may get.

    Its core is busy as much as a node may be, and what it keeps is at most ``UNIT_PART`` of what a
    node can hold: otherwise units could not be spread evenly.
    """
    cost, kept = broker.cost(measured), keeps(broker, load)
    part = UNIT_PART * broker.fill * GIB / kept
    limits = [node.busy * 1e6 / unit_us(broker, measured, load)]
    if cost.memory_bytes:
        limits.append(part * node.memory_gib / cost.memory_bytes)
    if cost.disk_bytes:
        limits.append(part * node.disk_gib / cost.disk_bytes)
    return min(limits)


def _counts(
    broker: Broker, measured: Measured, load: Load, node: Node, units: int
) -> Iterator[int]:
    """Yield numbers of nodes to try: from the fewest that could do, in steps of a few percent."""
    cost = broker.cost(measured)
    kept = load.total * keeps(broker, load) * broker.copies
    fewest = max(
        kept * cost.memory_bytes / (node.memory_gib * GIB * broker.fill),
        kept * cost.disk_bytes / (node.disk_gib * GIB * broker.fill),
        units * broker.copies / broker.most_per_node,
        broker.copies,
        3,  # fewer cannot agree on who leads
    )
    count = math.ceil(fewest)
    while count <= MOST_NODES:
        yield count
        count += max(1, count // 50)


def _size(
    broker: Broker,
    measured: Measured,
    load: Load,
    node: Node,
    plan: Plan,
    use: Use,
    after: Use,
) -> Size:
    cost, kept = broker.cost(measured), keeps(broker, load)
    wire = load.total * cost.wire_bytes * 8 / 1e9
    full = fullest(plan.units)
    held = max(use.memory * node.memory_gib, use.disk * node.disk_gib) * GIB
    return Size(
        broker=broker.name,
        unit=broker.unit,
        units=len(plan.homes),
        copies=broker.copies,
        nodes=plan.nodes,
        use=use,
        use_after=after,
        unit_busy=full * load.rate * unit_us(broker, measured, load) / 1e6 if broker.single else 0,
        recorders_per_unit=full,
        keeps_seconds=kept,
        memory_gib=load.total * kept * cost.memory_bytes * broker.copies / GIB,
        disk_gib=load.total * kept * cost.disk_bytes * broker.copies / GIB,
        in_gbit=wire,
        copy_gbit=wire * (broker.copies - 1),
        out_gbit=wire * load.readers,
        resync_seconds=held / (node.network_gbit * 1e9 / 8 / 2),
    )
