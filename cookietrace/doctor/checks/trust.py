"""Which programs do not trust the proxy's CA, by the stores of certificates that they go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.doctor.checks.authority import concerns_https
from cookietrace.doctor.facts import Facts, Holds, TrustStore
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.doctor.programs import trusting
from cookietrace.lesson.display_text import some


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the programs on this machine that would refuse the proxy's certificates."""
    if facts.proxy is None or facts.authority is None or not concerns_https(facts):
        return
    for store in facts.stores:
        if store.holds is Holds.NO_FILE:
            yield Finding(
                Sure.KNOWN,
                f"{store.variable} names a file that cannot be read.",
                f"{store.place}: {store.name} then trusts nothing, or not the proxy.",
                _fixes(facts, (store,)),
            )
    if not facts.authority.exists or facts.seen.of_host:
        return
    refusing = {client.program for client in facts.seen.clients if client.refused}
    trusts = {client.program for client in facts.seen.clients if client.encrypted}
    wanting = [
        store
        for store in facts.stores
        if store.holds in (Holds.NOTHING, Holds.UNTRUSTED)
        and store.program not in refusing | trusts  # the capture tells of those
    ]
    users = {browser.name for browser in facts.browsers if facts.leads_here(browser.proxy)}
    uses = [store for store in wanting if store.name in users]
    for sure, stores in (
        (Sure.PROBABLY, uses),
        (Sure.GUESS, [store for store in wanting if store not in uses]),
    ):
        if stores:
            yield _finding(facts, sure, stores)


def _finding(facts: Facts, sure: Sure, stores: list[TrustStore]) -> Finding:
    names = list(dict.fromkeys(store.name for store in stores))
    by_place: dict[str, list[str]] = {}
    for store in stores:
        by_place.setdefault(store.place + _remark(store), []).append(store.name)
    places = "; ".join(f"{place} ({some(of)})" for place, of in by_place.items())
    return Finding(
        sure,
        f"The proxy's CA is not trusted by {some(names)}.",
        "Over https, such a program ends the connection before there is a request. What was "
        f"checked: {places}.",
        _fixes(facts, stores),
    )


def _remark(store: TrustStore) -> str:
    if store.holds is Holds.UNTRUSTED:
        return ", which has it, but not as trusted for websites"
    return ", which has another CA of mitmproxy's" if store.other else ""


def _fixes(facts: Facts, stores: Iterable[TrustStore]) -> tuple[Fix, ...]:
    ca = "" if facts.authority is None else facts.authority.path
    every = (fix for store in stores for fix in trusting(store.program, ca, facts.system))
    return tuple(dict.fromkeys(every))
