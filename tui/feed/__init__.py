"""Where news comes from: the capture, and the pipes to the proxy."""
