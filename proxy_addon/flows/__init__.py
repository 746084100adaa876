"""mitmproxy's flows as events and events as flows, live and in files."""
