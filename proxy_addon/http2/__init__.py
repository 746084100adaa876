"""How mitmproxy passes bodies on over HTTP/2, bounded."""
