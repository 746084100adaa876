"""An app whose pages repeat the secrets that it was sent or has set, in many spellings."""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: quote(text, safe=""),
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    lambda text: base64.b32encode(text.encode()).decode(),
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: "".join(f"&#{ord(each)};" for each in text),
    lambda text: "".join(f"&#x{ord(each):X};" for each in text),
    lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
    lambda text: "".join(f"\\x{ord(each):02x}" for each in text),
    lambda text: json.dumps(json.dumps({"value": text})),
    lambda text: html.escape(json.dumps({"value": text})),
    lambda text: "".join(f"={ord(each):02X}" for each in text),
)
SPELLINGS = len(_SPELLINGS)


class Secrets:
    """Secrets of the usual shapes, random but repeatable."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(f"{seed}-secrets")

        def word(length: int = 24) -> str:
            letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
            return "".join(dice.choice(letters) for _ in range(length))

        def packed(members: dict[str, str]) -> str:
            return base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")

        self.cookies = {
            "session": word(),
            "jwt": ".".join((packed({"alg": word(8)}), packed({"sub": word()}), word(43))),
            "signed": f"{packed({'user': word(12)})}.{word(6)}.{word(27)}",
            "express": quote(f"s:{word()}.{word(43)}", safe=""),
            "cart": quote(json.dumps({"owner": word(12), "coupon": word(12)}), safe=""),
        }
        self.bearer, self.api_key, self.password, self.token = word(), word(), word(), word()

    def all(self) -> list[str]:
        """Return all of them."""
        return [*self.cookies.values(), self.bearer, self.api_key, self.password, self.token]


class SecretApp:
    """The app, in a thread, for the duration of the block; ``/N`` repeats them in spelling N."""

    def __init__(self, secrets: Secrets) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(size)
                number = int(self.path.partition("?")[0].strip("/") or 0)
                spell = _SPELLINGS[number % SPELLINGS]
                lines = [f"<p>{spell(secret)}</p>" for secret in secrets.all()]
                body = "\n".join(["<!doctype html>", *lines]).encode()
                packed = number % 3 == 2
                body = gzip.compress(body) if packed else body
                self.send_response(200)
                for name, value in secrets.cookies.items():
                    self.send_header("Set-Cookie", f"{name}={value}; Path=/; SameSite=Lax")
                self.send_header("Set-Cookie", f"spelt={spell(secrets.bearer)[:3000]}; Path=/bad")
                self.send_header("X-Echo", spell(secrets.cookies["session"]))
                if packed:
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (the name that the server calls)

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
