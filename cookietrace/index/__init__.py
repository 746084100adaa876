"""Keeps what was made of a capture, so that opening it again takes no time.

An index is one file in the user's cache folder: the trace with its checkpoint of the fold, the
table, the problems found, and the packed blocks of older exchanges. It is only ever a copy: one
that does not match the capture, the version or the options is deleted, and a new one is made.
"""

from __future__ import annotations

from cookietrace.index.content import Content, content_of
from cookietrace.index.identity import Identity, identity_of
from cookietrace.index.index_folder import delete_index, load_index, save_index

__all__ = [
    "Content",
    "Identity",
    "content_of",
    "delete_index",
    "identity_of",
    "load_index",
    "save_index",
]
