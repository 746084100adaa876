"""The cookie jar: stores Set-Cookie lines and selects cookies for requests.

The time and the public suffix list are arguments; nothing else is read. There
is at most one cookie per key, and expired cookies are never returned as valid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache, partial
from typing import Any, Self

import msgspec

from cookietrace.cookies.bucket import Bucket
from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, CookieKey, Key
from cookietrace.cookies.expiry import ExpiryQueue
from cookietrace.cookies.hosts import LONGEST_CACHED, is_ip
from cookietrace.cookies.match import Target
from cookietrace.cookies.parse import ParsedCookie, parse_set_cookie
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import RequestContext
from cookietrace.cookies.results import Outcome, Selection, StoreResult, Withheld
from cookietrace.cookies.rules.born_expired import born_expired
from cookietrace.cookies.rules.eviction import (
    excess,
    excess_of_partition,
    room_for,
    room_in_partition,
)
from cookietrace.cookies.rules.retrieval import Retrieval
from cookietrace.cookies.rules.rivals import inferred_rival, shadowed_rivals, unchanged
from cookietrace.cookies.rules.storage import as_read, receive
from cookietrace.cookies.selection import select, withheld_elsewhere
from cookietrace.cookies.suffixes import PublicSuffixes
from cookietrace.cookies.verdicts import Finding, shortened

_replace = msgspec.structs.replace
_NOTHING = Selection()
# As plain names, because looking up an enum member is slow in Python 3.11.
_CREATED, _REPLACED, _REFRESHED = Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED
ACCESS_RESOLUTION = 60.0
"""Accesses within this many seconds of the last one are not recorded, as in browsers."""


class SavedJar(msgspec.Struct, frozen=True, gc=False):
    """The content of a jar, in the order in which the jar holds it."""

    cookies: tuple[Cookie, ...]
    expired: tuple[Cookie, ...] = ()
    """Cookies that expired, and that no request has reported yet."""
    leaving: tuple[Cookie, ...] = ()
    """Those that ``expire`` has not returned yet."""
    sequence: int = 0
    """The last number that was given to a cookie."""


class CookieJar:
    """One browser's cookies, under the rules of -22 and of one profile."""

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start empty."""
        self.profile = profile
        self.public_suffixes = public_suffixes
        self._buckets: dict[str, Bucket] = {}
        self._size = 0
        self._sequence = 0
        self._queue = ExpiryQueue()
        self._evicted: list[Cookie] = []
        self._room_first = profile.eviction == "before"
        self._cached_site = lru_cache(maxsize=4096)(partial(_site_of, public_suffixes))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_cached_site"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._cached_site = lru_cache(maxsize=4096)(partial(_site_of, self.public_suffixes))

    @classmethod
    def load(
        cls, cookies: Iterable[Cookie], profile: Profile, public_suffixes: PublicSuffixes
    ) -> Self:
        """Return a jar with exactly these cookies; the reverse of ``dump``."""
        jar = cls(profile, public_suffixes)
        for cookie in cookies:
            jar.put(cookie)
        return jar

    def __len__(self) -> int:
        return self._size

    # --- storing and selecting

    def store(
        self,
        set_cookie: str,
        target: Target,
        context: RequestContext,
        now: float,
        *,
        http_api: bool = True,
        server_time: float | None = None,
        parsed: ParsedCookie | None = None,
    ) -> StoreResult:
        """Store one Set-Cookie line of a response from ``target`` (5.6, 5.7).

        ``now`` is Unix time in seconds. ``http_api`` is False for a line that a
        script wrote. ``server_time`` is the response's Date header, which some
        browsers use to interpret Expires. ``parsed`` is the line as ``parse_set_cookie`` reads it,
        if that is known already. Accepts any text and never raises.
        """
        if parsed is None:
            parsed = parse_set_cookie(set_cookie)
        if parsed.bare:
            parsed = as_read(parsed, self.profile)
        if parsed.reasons:
            return StoreResult(
                set_cookie,
                Outcome.REJECTED,
                parsed,
                reasons=parsed.reasons,
                warnings=parsed.warnings,
            )
        if self._queue.next <= now:
            self._evict_expired(now)
        bucket = self._bucket_of(target.host)
        namesakes: Collection[Cookie] = ()
        if bucket is not None:
            namesakes = bucket.namesakes(parsed.name)
        cookie, reasons, warnings = receive(
            parsed, target, context, now, self.profile, self.public_suffixes, namesakes, http_api,
            server_time,
        )  # fmt: skip
        if cookie is None:
            return StoreResult(
                set_cookie, Outcome.REJECTED, parsed, reasons=reasons, warnings=warnings
            )
        key = (cookie.name, cookie.domain, cookie.host_only, cookie.path, cookie.partition_key)
        old = None
        if bucket is not None:
            old = bucket.by_key.get(key)
            if old is None and namesakes:
                old = inferred_rival(namesakes, cookie)
            bucket.forget_evicted(key)
        if old is not None and old.http_only and not http_api:
            name = ("cookie", shortened(cookie.name))
            reasons = (Finding(Code.WOULD_OVERWRITE_HTTP_ONLY, (name,)),)
            return StoreResult(
                set_cookie, Outcome.REJECTED, parsed, reasons=reasons, warnings=warnings
            )
        if cookie.expires_at is not None and cookie.expires_at <= now:
            warnings += born_expired(parsed, cookie, namesakes, now, server_time)
            if old is None:
                return StoreResult(
                    set_cookie,
                    Outcome.IGNORED,
                    parsed,
                    warnings=warnings,
                    aimed=cookie.key,
                    missed=tuple(
                        sorted(
                            (held for held in namesakes if not held.unconfirmed),
                            key=lambda held: held.sequence,
                        )
                    ),
                )
            self.remove(old.key)
            return StoreResult(
                set_cookie, Outcome.DELETED, parsed, warnings=warnings, cookie=old, previous=old
            )
        surplus: tuple[Cookie, ...] = ()
        if bucket is None:
            bucket = self._new_bucket(cookie.domain)
        elif self._room_first:
            room = self._make_room(bucket, cookie, old, parsed.attributes.partitioned)
            if room is None:
                facts = (("cookie", shortened(cookie.name)), ("policy", "site-full"))
                reasons = (Finding(Code.CLIENT_POLICY, facts),)
                return StoreResult(
                    set_cookie, Outcome.REJECTED, parsed, reasons=reasons, warnings=warnings
                )
            surplus = room
        outcome = _CREATED
        if old is not None:
            outcome = _REPLACED
            if unchanged(old, cookie):
                outcome = _REFRESHED
                if cookie.unconfirmed and not old.unconfirmed:
                    cookie = _replace(cookie, unconfirmed=False)  # held in either case
        cookie = self._with_creation(cookie, old)
        self._place(bucket, key, cookie)
        if old is not None and old.inferred and old.key != key:
            self._take(bucket, old.key)
        namesakes = bucket.namesakes(cookie.name)
        if len(namesakes) > 1 and target.host is not None:
            warnings += shadowed_rivals(namesakes, cookie, target.host)
        if not self._room_first and (
            cookie.partition_key is not None or len(bucket.by_key) > self.profile.most_per_site
        ):
            surplus = self._remove_excess(bucket, cookie.partition_key)
        return StoreResult(
            set_cookie,
            outcome,
            parsed,
            warnings=warnings,
            cookie=cookie,
            previous=old,
            evicted=surplus,
        )

    def select(self, target: Target, context: RequestContext, now: float) -> Selection:
        """Return the cookies for a request, and those it withholds with all reasons (5.8.3).

        Considers only cookies that domain-match the host or share its registrable
        domain; of the latter, those of other hosts are counted (``elsewhere`` lists
        them). Changes nothing: record the access with ``touch``.
        """
        host = target.host
        if host is None:
            return _NOTHING
        short = len(host) <= LONGEST_CACHED  # as in ``_bucket_of``: each request comes here
        bucket = self._buckets.get(self._cached_site(host) if short else self.site(host))
        if bucket is None:
            return _NOTHING
        if self._queue.next <= now:
            rules = Retrieval(target, context, self.profile, self.public_suffixes)
            return select(bucket.by_key.values(), bucket.evicted.values(), rules, now)
        return bucket.selections.select(target, context, now)

    def elsewhere(
        self, target: Target, context: RequestContext, now: float
    ) -> tuple[Withheld, ...]:
        """Return the cookies that ``select`` only counts, with all reasons, oldest first.

        Takes time in proportion to the site's cookies.
        """
        bucket = self._bucket_of(target.host)
        if bucket is None:
            return ()
        rules = Retrieval(target, context, self.profile, self.public_suffixes)
        return withheld_elsewhere(bucket.by_key.values(), rules, now)

    def touch_selected(self, selection: Selection, now: float) -> None:
        """Record that the cookies of a selection were sent; mostly that was recorded lately."""
        accessed_at = selection.accessed_at
        if accessed_at is not None and accessed_at < now - ACCESS_RESOLUTION:
            self.touch(selection.sent, now)

    def touch(self, cookies: Iterable[Cookie], now: float) -> None:
        """Record that these cookies were sent (5.8.3 step 5), to the minute."""
        before = now - ACCESS_RESOLUTION
        for cookie in cookies:
            if cookie.last_access_at < before:
                bucket = self._bucket_of(cookie.domain)
                current = bucket.by_key.get(cookie.key) if bucket is not None else None
                if bucket is not None and current is not None:
                    bucket.add(cookie.key, _replace(current, last_access_at=now))

    # --- expiry

    def expire(self, now: float) -> tuple[Cookie, ...]:
        """Evict all expired cookies. Return those evicted since the last call.

        Costs nothing if no cookie is due. Evicted cookies (the latest 256 of each
        site) are remembered, so that ``select`` lists them as withheld, until they
        are set again or ``forget_expired`` is called.
        """
        if self._queue.next <= now:
            self._evict_expired(now)
        if not self._evicted:
            return ()
        evicted, self._evicted = self._evicted, []
        return tuple(evicted)

    def expired_beside(self, host: str | None) -> tuple[Cookie, ...]:
        """Return the evicted cookies of a canonical host's site that are still remembered."""
        bucket = self._bucket_of(host)
        return tuple(bucket.evicted.values()) if bucket is not None else ()

    def forget_expired(self, key: CookieKey) -> None:
        """Forget an evicted cookie: a request has reported it."""
        bucket = self._bucket_of(key.domain)
        if bucket is not None:
            bucket.forget_evicted(key)
            self._drop_if_empty(key.domain, bucket)

    # --- direct access

    def put(self, cookie: Cookie) -> Cookie | None:
        """Add a cookie without applying any rule; return the one it replaces.

        A ``sequence`` of 0 is replaced by the jar's next number, except for an
        inferred cookie, which is never in a predicted header.
        """
        bucket = self._bucket_of(cookie.domain)
        if bucket is None:
            bucket = self._new_bucket(cookie.domain)
        key = cookie.key
        old = bucket.by_key.get(key)
        if cookie.sequence == 0 and not cookie.inferred:
            cookie = _replace(cookie, sequence=self._next_sequence())
        self._sequence = max(self._sequence, cookie.sequence)
        self._place(bucket, key, cookie)
        return old

    def reserve(self) -> int:
        """Return a sequence number for a cookie that may turn out to have been stored now."""
        return self._next_sequence()

    def remove(self, key: CookieKey) -> Cookie | None:
        """Remove a cookie and return it, or None if there is none."""
        bucket = self._bucket_of(key.domain)
        return self._take(bucket, key) if bucket is not None else None

    def get(self, key: CookieKey) -> Cookie | None:
        """Return the cookie under a key, or None."""
        bucket = self._bucket_of(key.domain)
        return bucket.by_key.get(key) if bucket is not None else None

    def cookies(self) -> tuple[Cookie, ...]:
        """Return every cookie, ordered by domain, path and name."""
        held = [cookie for bucket in self._buckets.values() for cookie in bucket.by_key.values()]
        return tuple(sorted(held, key=_by_place))

    def cookies_beside(self, host: str | None) -> tuple[Cookie, ...]:
        """Return every cookie of a canonical host's site, in the order of ``cookies``."""
        bucket = self._bucket_of(host)
        return tuple(sorted(bucket.by_key.values(), key=_by_place)) if bucket is not None else ()

    def dump(self) -> tuple[Cookie, ...]:
        """Return every cookie, for ``load``."""
        return self.cookies()

    def saved(self) -> SavedJar:
        """Return everything that later results depend on, for ``restore``."""
        buckets = self._buckets.values()
        return SavedJar(
            tuple([cookie for bucket in buckets for cookie in bucket.by_key.values()]),
            tuple([cookie for bucket in buckets for cookie in bucket.evicted.values()]),
            tuple(self._evicted),
            self._sequence,
        )

    def restore(self, saved: SavedJar) -> None:
        """Become the jar that was saved. This one must be empty."""
        for cookie in saved.cookies:
            self.put(cookie)
        for cookie in saved.expired:
            bucket = self._bucket_of(cookie.domain)
            if bucket is None:
                bucket = self._new_bucket(cookie.domain)
            if cookie.key not in bucket.by_key:
                bucket.add(cookie.key, cookie)
                bucket.evict(cookie.key, cookie)
        self._evicted = list(saved.leaving)
        self._sequence = max(self._sequence, saved.sequence)

    def site(self, host: str) -> str:
        """Return the name that all hosts sharing cookies with this one have in common."""
        if len(host) <= LONGEST_CACHED:
            return self._cached_site(host)
        return _site_of(self.public_suffixes, host)

    # --- buckets

    def _bucket_of(self, host: str | None) -> Bucket | None:
        """Return the bucket of a host's site, None if the site has no cookies."""
        if host is None:
            return None
        short = len(host) <= LONGEST_CACHED
        return self._buckets.get(self._cached_site(host) if short else self.site(host))

    def _new_bucket(self, host: str) -> Bucket:
        """Return a new, empty bucket for a host's site."""
        bucket = self._buckets[self.site(host)] = Bucket(self.profile, self.public_suffixes)
        return bucket

    def _drop_if_empty(self, host: str, bucket: Bucket) -> None:
        """Drop a bucket that holds nothing."""
        if not bucket.by_key and not bucket.evicted:
            self._buckets.pop(self.site(host), None)

    # --- changes

    def _with_creation(self, new: Cookie, old: Cookie | None) -> Cookie:
        """Return a new cookie with its own or the old one's creation time (5.7 step 23)."""
        if old is None:
            return _replace(new, sequence=self._next_sequence())
        if old.sequence == 0:
            return _replace(new, created_at=old.created_at, sequence=self._next_sequence())
        if old.value == new.value or self.profile.overwrite_keeps_creation:
            return _replace(new, created_at=old.created_at, sequence=old.sequence)
        return _replace(new, sequence=self._next_sequence())

    def _next_sequence(self) -> int:
        """Return the next sequence number."""
        self._sequence += 1
        return self._sequence

    def _place(self, bucket: Bucket, key: Key, cookie: Cookie) -> None:
        """Put a cookie into its bucket and its expiry into the queue."""
        if key not in bucket.by_key:
            self._size += 1
        bucket.add(key, cookie)
        if cookie.expires_at is not None:
            scheduled = self._queue.schedule(key, cookie.expires_at)
            if scheduled and len(self._queue) > 2 * self._size + 64:
                self._queue.rebuild(
                    (key, held.expires_at)
                    for bucket in self._buckets.values()
                    for key, held in bucket.by_key.items()
                    if held.expires_at is not None
                )

    def _take(self, bucket: Bucket, key: Key) -> Cookie | None:
        """Remove a cookie from its bucket."""
        cookie = bucket.take(key)
        if cookie is not None:
            self._size -= 1
            self._drop_if_empty(cookie.domain, bucket)
        return cookie

    def _evict_expired(self, now: float) -> None:
        """Evict expired cookies: "the user agent MUST evict all expired cookies" (5.7).

        Of those of one moment, the order is that of ``cookies``: it must not depend on when each
        was stored, which a jar that was saved does not know.
        """
        expired: list[tuple[float, Key, Cookie]] = []
        for key in self._queue.take_due(now):
            bucket = self._bucket_of(key[1])
            cookie = bucket.by_key.get(key) if bucket is not None else None
            if cookie is None or cookie.expires_at is None:
                continue
            if cookie.expires_at <= now:
                expired.append((cookie.expires_at, key, cookie))
            else:
                self._queue.schedule(key, cookie.expires_at)
        if len(expired) > 1:
            expired.sort(key=lambda each: (each[0], _by_place(each[2])))
        for _, key, cookie in expired:
            bucket = self._bucket_of(key[1])
            assert bucket is not None
            bucket.evict(key, cookie)
            self._size -= 1
            self._evicted.append(cookie)

    def _make_room(
        self, bucket: Bucket, cookie: Cookie, old: Cookie | None, partitioned: bool
    ) -> tuple[Cookie, ...] | None:
        """Remove what has to go before a cookie is stored; None if it may not be stored (5.7)."""
        profile, partition = self.profile, cookie.partition_key
        limited = partitioned and partition is not None
        if not limited and (old is not None or len(bucket.by_key) < profile.most_per_site):
            return ()
        if not limited and bucket.counted.number(partition) < profile.most_per_site:
            return ()
        held = bucket.counted.cookies(partition)
        gone: list[Cookie] | None = []
        if old is None:
            gone = room_for(cookie, held, int(profile.most_per_site), int(profile.purge_to))
        if limited and gone == []:
            others = [other for other in held if other is not old]
            limit, overrun = profile.most_partition_bytes, profile.partition_overrun
            gone = room_in_partition(cookie, others, limit, overrun)
        if gone is None:
            return None
        for other in gone:
            self._take(bucket, other.key)
        return tuple(gone)

    def _remove_excess(self, bucket: Bucket, partition: str | None) -> tuple[Cookie, ...]:
        """Remove excess cookies of one site, or of one partition of it (5.7)."""
        profile, counted = self.profile, bucket.counted
        too_many = counted.number(partition) > profile.most_per_site
        if partition is not None:
            if not too_many and counted.size(partition) <= profile.most_partition_bytes:
                return ()
            held = counted.cookies(partition)
            gone = excess_of_partition(held, profile.most_per_site, profile.most_partition_bytes)
        elif too_many:
            gone = excess(counted.cookies(partition), int(profile.purge_to))
        else:
            return ()
        for cookie in gone:
            self._take(bucket, cookie.key)
        return tuple(gone)


def _site_of(public_suffixes: PublicSuffixes, host: str) -> str:
    """Return the registrable domain, or the host itself if it has none.

    A name that ends in an IP address has no registrable domain either, but by
    5.1.3 it can share the address's cookies.
    """
    if host[-1:].isdigit() and not is_ip(host):
        tail = ".".join(host.rsplit(".", 4)[-4:])
        if is_ip(tail):
            return tail
    return public_suffixes.registrable_domain(host) or host


def _by_place(cookie: Cookie) -> tuple[str, str, str, bool, str]:
    """Sort key: the order in which a jar is listed."""
    return cookie.domain, cookie.path, cookie.name, cookie.host_only, cookie.partition_key or ""
