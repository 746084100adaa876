"""The scenarios, by what they are about."""

from __future__ import annotations

from tests.judge.scenario import Scenario
from tests.judge.scenarios import (
    attributes,
    clearing,
    dates,
    domain_forms,
    domains,
    embedding,
    journeys,
    lifetimes,
    names_and_values,
    order_and_limits,
    page_loads,
    partition_forms,
    partitions,
    paths,
    prefix_forms,
    prefixes,
    redirects,
    same_site,
    schemes,
    scripted_requests,
    sessions,
    sign_in,
    traffic,
    wire,
)

SCENARIOS: tuple[Scenario, ...] = (
    *attributes.SCENARIOS,
    *domains.SCENARIOS,
    *paths.SCENARIOS,
    *prefixes.SCENARIOS,
    *lifetimes.SCENARIOS,
    *schemes.SCENARIOS,
    *same_site.SCENARIOS,
    *journeys.SCENARIOS,
    *partitions.SCENARIOS,
    *traffic.SCENARIOS,
    *names_and_values.SCENARIOS,
    *dates.SCENARIOS,
    *domain_forms.SCENARIOS,
    *prefix_forms.SCENARIOS,
    *clearing.SCENARIOS,
    *redirects.SCENARIOS,
    *partition_forms.SCENARIOS,
    *wire.SCENARIOS,
    *order_and_limits.SCENARIOS,
    *sign_in.SCENARIOS,
    *sessions.SCENARIOS,
    *embedding.SCENARIOS,
    *page_loads.SCENARIOS,
    *scripted_requests.SCENARIOS,
)

__all__ = ["SCENARIOS"]
