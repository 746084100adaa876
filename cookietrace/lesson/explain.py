"""What ``cookietrace explain --json`` prints: one object an exchange (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cookietrace.cookies import Cookie
from cookietrace.fold.exchange import Exchange
from cookietrace.trace import Trace


def explanations(trace: Trace, *, jar: bool = False) -> Iterator[dict[str, Any]]:
    """Yield one JSON-ready object per exchange, in the order of the requests.

    With ``jar`` each object ends with the client's jar after the exchange. Values
    are as on the wire: what leaves the machine goes through ``cookietrace.redact``.
    """
    for exchange in trace.exchanges:
        yield explanation(trace, exchange, jar=jar)


def explanation(trace: Trace, exchange: Exchange, *, jar: bool = False) -> dict[str, Any]:
    """Return what there is to say of one exchange."""
    part, response, failure = exchange.request, exchange.response, exchange.failure
    context = part.context
    evicted = (
        [cookie for result in response.set_cookies for cookie in result.evicted]
        if response is not None
        else []
    )
    told: dict[str, Any] = {
        "number": exchange.number,
        "exchange_id": exchange.exchange_id,
        "client_id": part.client_id,
        "at": part.at,
        "method": part.method,
        "url": part.url,
        "status_code": response.status_code if response is not None else None,
        "failure": {"kind": failure.kind, "message": failure.message} if failure else None,
        "profile": part.profile,
        "context": {
            "site": context.site.value,
            "top_level": context.top_level,
            "unsafe": context.unsafe,
            "credentials": context.credentials.value,
            "top_level_site": context.top_level_site,
            "certain": context.certain,
            "from": list(context.sources),
        },
        "observed_cookie_header": part.observed,
        "expected_cookie_header": part.expected,
        "request_cookies": [
            {
                "name": cookie.name,
                "value": cookie.value,
                "domain": cookie.domain,
                "path": cookie.path,
                "status": cookie.status.value,
            }
            for cookie in part.cookies
        ],
        "withheld": [
            _named(held.cookie) | {"reasons": [reason.code.value for reason in held.reasons]}
            for held in part.withheld
        ],
        "missing": [
            _named(absent.cookie)
            | {
                "status": absent.status.value,
                "reasons": [reason.code.value for reason in absent.reasons],
            }
            for absent in part.missing
        ],
        "removed": [
            {
                "name": removed.cookie.name,
                "domain": removed.cookie.domain,
                "path": removed.cookie.path,
                "reason": removed.reason,
            }
            for removed in part.removed
        ]
        + [
            {
                "name": cookie.name,
                "domain": cookie.domain,
                "path": cookie.path,
                "reason": "evicted",
            }
            for cookie in evicted
        ],
        "set_cookies": [
            {
                "raw": result.raw,
                "name": result.name,
                "value": result.value,
                "outcome": result.outcome.value,
                "reasons": [reason.code.value for reason in result.reasons],
                "warnings": [warning.code.value for warning in result.warnings],
            }
            for result in (response.set_cookies if response is not None else ())
        ],
    }
    if jar:
        after = response.position if response is not None else part.position
        told["jar"] = [jar_entry(cookie) for cookie in trace.jar_at(part.client_id, after)]
    return told


def jar_entry(cookie: Cookie) -> dict[str, Any]:
    """Return one cookie of a jar, JSON-ready."""
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "host_only": cookie.host_only,
        "path": cookie.path,
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "same_site": cookie.same_site.value,
        "expires_at": cookie.expires_at,
        "partition_key": cookie.partition_key,
        "inferred": cookie.inferred,
        "doubtful": cookie.doubtful,
    }


def _named(cookie: Cookie) -> dict[str, Any]:
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain,
        "path": cookie.path,
    }
