"""What mitmproxy calls while traffic flows: recording, marks, TLS, routes."""
