"""The demo app: small lessons about cookies, to watch through the proxy."""

from demo_app.app import create_app

__all__ = ["create_app"]
