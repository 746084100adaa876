"""Tests of the proxy addon: real proxies, real sockets, real captures."""
