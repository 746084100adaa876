"""What was recorded by each listener, as if it had a capture to itself."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace import events as ev


def by_label(events: Iterable[ev.Event]) -> dict[str, list[ev.Event]]:
    """Divide events by the listeners' labels; what belongs to no listener goes to each."""
    found: dict[str, list[ev.Event]] = {}
    of_client: dict[str | None, str] = {}
    of_exchange: dict[str | None, str] = {}
    shared: list[ev.Event] = []
    for event in events:
        if isinstance(event, ev.Client):
            label = of_client[event.client_id] = event.label or ""
            found.setdefault(label, list(shared))
        elif isinstance(event, ev.Request):
            label = of_exchange[event.exchange_id] = of_client[event.client_id]
        elif isinstance(event, ev.Response | ev.Body | ev.Server) or (
            isinstance(event, ev.Failure) and event.exchange_id is not None
        ):
            label = of_exchange[event.exchange_id]
        else:
            for each in (shared, *found.values()):
                each.append(event)
            continue
        found[label].append(event)
    return found
