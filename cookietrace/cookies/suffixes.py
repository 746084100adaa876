"""The public suffix list: the protocol that the engine uses, and the default list."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

from publicsuffixlist import PSLFILE, PublicSuffixList

from cookietrace.cookies.hosts import LONGEST_CACHED, is_ip

SUFFIX_FILE = Path(PSLFILE)
"""The file of the default list: it is updated without an update of this package."""


class PublicSuffixes(Protocol):
    """What the engine needs from a public suffix list. Hosts are canonical."""

    def is_public_suffix(self, domain: str, /) -> bool:
        """Return whether anyone may register a name directly under this domain."""

    def registrable_domain(self, host: str, /) -> str | None:
        """Return the public suffix of the host plus one label.

        None for an IP address and for a host that is itself a public suffix
        (``localhost`` is one: the list's default rule covers every last label).
        """


class SuffixList:
    """The rules of publicsuffix.org, private section included, as browsers use them."""

    def __init__(self, rules: PublicSuffixList | None = None) -> None:
        self._rules = rules if rules is not None else PublicSuffixList()
        self._cached = lru_cache(maxsize=16384)(self._look_up)

    def is_public_suffix(self, domain: str, /) -> bool:
        """Return whether anyone may register a name directly under this domain."""
        return not is_ip(domain) and self._rules.is_public(domain)

    def registrable_domain(self, host: str, /) -> str | None:
        """Return the public suffix of the host plus one label; None if there is no such label."""
        return self._cached(host) if len(host) <= LONGEST_CACHED else self._look_up(host)

    def _look_up(self, host: str) -> str | None:
        """Apply the rules. A trailing dot is kept, because it makes a different site."""
        if is_ip(host):
            return None
        bare = host.removesuffix(".")
        found = self._rules.privatesuffix(bare)
        return found if found is None or bare == host else found + "."


@cache
def default_public_suffixes() -> SuffixList:
    """Return the list that ships with ``publicsuffixlist``, read once per process."""
    return SuffixList()
