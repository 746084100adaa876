"""Captures on Redis Streams: the address, the keys, the connection, and the store that reads.

Nothing in this folder is imported until a capture in Redis is named: the package ``redis`` is an
extra.
"""
