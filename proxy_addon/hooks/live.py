"""What is known of an exchange until it is over."""

from __future__ import annotations

from cookietrace.events import Server
from proxy_addon.flows.bodies import Preview
from proxy_addon.flows.fields import Fields


class Live:
    """One exchange under way."""

    __slots__ = (
        "answered",
        "asked",
        "client_id",
        "exchange_id",
        "fields",
        "of_request",
        "of_response",
        "refused",
        "server",
        "url",
    )

    def __init__(self, exchange_id: str, client_id: str, url: str, *, refused: bool) -> None:
        self.exchange_id = exchange_id
        self.client_id = client_id
        self.url = url
        self.refused = refused
        """Whether mitmproxy itself turned the request down: no valid HTTP."""
        self.asked = False
        """Whether the request is complete."""
        self.answered = False
        """Whether the response has been appended."""
        self.server: Server | None = None
        self.fields: Fields | None = None
        """The response's, as they were when it began to come."""
        self.of_request: Preview | None = None
        self.of_response: Preview | None = None
