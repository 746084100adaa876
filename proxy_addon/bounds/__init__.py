"""What mitmproxy collects without a limit: one file for each, with the limit."""
