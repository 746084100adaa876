"""How mitmproxy reads HTTP/1.1: corrected where it would lose responses, and bounded."""
