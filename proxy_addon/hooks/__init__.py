"""The mitmproxy addons: recording, witness marks, TLS, routes."""
