"""Says which secrets survive in a file, in any usual encoding.

This checks what redaction promises, so it shares no code with it.
"""

from __future__ import annotations

from cookietrace.leaks.finder import Finder, Leak
from cookietrace.leaks.needles import SHORTEST, Needle, needles_of
from cookietrace.leaks.sources import Source, sources

__all__ = ["SHORTEST", "Finder", "Leak", "Needle", "Source", "needles_of", "sources"]
