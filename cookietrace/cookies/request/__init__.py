"""The context of a request: its own headers, and the pages that led to it."""
