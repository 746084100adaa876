"""How mitmproxy reads HTTP/1.1, corrected where it would lose the rest of a response."""
