"""The cookie jar: stores Set-Cookie lines and selects cookies for requests, verdicts out.

Rules of this file: the clock and the suffix list are arguments; nothing here
reads anything else. ``select`` changes nothing. There is at most one cookie
under a key, and never an expired one that a caller could see.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Self, TypeVar

import msgspec

from cookietrace.cookies.bucket import Bucket
from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, CookieKey, Key
from cookietrace.cookies.expiry import ExpiryQueue
from cookietrace.cookies.hosts import LONGEST_CACHED, is_ip
from cookietrace.cookies.match import Target
from cookietrace.cookies.parse import parse_set_cookie
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import RequestContext
from cookietrace.cookies.results import Outcome, Selection, StoreResult
from cookietrace.cookies.rules.eviction import excess, excess_of_partition
from cookietrace.cookies.rules.order import BY_CREATION, BY_SEQUENCE
from cookietrace.cookies.rules.retrieval import Retrieval
from cookietrace.cookies.rules.rivals import inferred_rival, shadowed_rivals, unchanged
from cookietrace.cookies.rules.storage import receive
from cookietrace.cookies.selecting import fates_of, select_groups, select_one_by_one
from cookietrace.cookies.suffixes import PublicSuffixes
from cookietrace.cookies.verdicts import Finding, shortened

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_replace = msgspec.structs.replace
_fill_in = msgspec.structs.force_setattr
_NOTHING = Selection()
# As plain names: Python 3.11 takes its time to find a member of an enum.
_CREATED, _REPLACED, _REFRESHED = Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED
_MOST_NAMES = 4096
_MOST_ANSWERS = 64
_MOST_EXPIRED = 256
ACCESS_RESOLUTION = 60.0
"""Seconds between two notes of the last access; browsers are as coarse, and it saves the work."""


class CookieJar:
    """One browser's cookies, kept by the rules of -22 and of one profile."""

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start empty."""
        self.profile = profile
        self.public_suffixes = public_suffixes
        self._buckets: dict[str, Bucket] = {}
        self._size = 0
        self._sequence = 0
        self._latest = float("-inf")
        self._order = BY_SEQUENCE
        self._queue = ExpiryQueue()
        self._names: dict[str, str] = {}
        self._swept: list[Cookie] = []

    @classmethod
    def load(
        cls, cookies: Iterable[Cookie], profile: Profile, public_suffixes: PublicSuffixes
    ) -> Self:
        """Return a jar that holds these cookies as they are; ``dump`` undone."""
        jar = cls(profile, public_suffixes)
        for cookie in cookies:
            jar.put(cookie)
        return jar

    def __len__(self) -> int:
        return self._size

    def store(
        self,
        set_cookie: str,
        target: Target,
        context: RequestContext,
        now: float,
        *,
        http_api: bool = True,
        server_time: float | None = None,
    ) -> StoreResult:
        """Store one Set-Cookie line that a response from ``target`` brought (5.6, 5.7).

        ``now`` is Unix time in seconds. ``http_api`` is False for a line that a
        script wrote. ``server_time`` is what the response's Date header says, by
        which some browsers read Expires. Takes any text; never raises.
        """
        parsed = parse_set_cookie(set_cookie)
        if parsed.reasons:
            return StoreResult(
                set_cookie, Outcome.REJECTED, parsed, parsed.reasons, parsed.warnings
            )
        if self._queue.next <= now:
            self._sweep(now)
        bucket = self._find(target.host)
        namesakes: Collection[Cookie] = ()
        if bucket is not None:
            namesakes = bucket.namesakes(parsed.name)
        cookie, reasons, warnings = receive(
            parsed, target, context, now, self.profile, self.public_suffixes, namesakes, http_api,
            server_time,
        )  # fmt: skip
        if cookie is None:
            return StoreResult(set_cookie, Outcome.REJECTED, parsed, reasons, warnings)
        key = (cookie.name, cookie.domain, cookie.host_only, cookie.path, cookie.partition_key)
        old = None
        if bucket is not None:
            old = bucket.by_key.get(key)
            if old is None and namesakes:
                old = inferred_rival(namesakes, cookie)
            if bucket.expired:
                bucket.expired.pop(key, None)
        if old is not None and old.http_only and not http_api:
            name = ("cookie", shortened(cookie.name))
            reasons = (Finding(Code.WOULD_OVERWRITE_HTTP_ONLY, (name,)),)
            return StoreResult(set_cookie, Outcome.REJECTED, parsed, reasons, warnings)
        if cookie.expires_at is not None and cookie.expires_at <= now:
            if old is None:
                return StoreResult(
                    set_cookie,
                    Outcome.IGNORED,
                    parsed,
                    (),
                    warnings,
                    aimed=cookie.key,
                    missed=tuple(sorted(namesakes, key=lambda held: held.sequence)),
                )
            self.remove(old.key)
            return StoreResult(set_cookie, Outcome.DELETED, parsed, (), warnings, old, old)
        if bucket is None:
            bucket = self._bucket(cookie.domain)
        outcome = self._supersede(bucket, old, cookie)
        self._place(bucket, key, cookie)
        namesakes = bucket.names[cookie.name].values()
        if len(namesakes) > 1 and target.host is not None:
            warnings += shadowed_rivals(namesakes, cookie, target.host)
        evicted: tuple[Cookie, ...] = ()
        if len(bucket.by_key) > self.profile.most_per_site or cookie.partition_key is not None:
            evicted = self._evict(bucket, cookie.partition_key)
        return StoreResult(set_cookie, outcome, parsed, (), warnings, cookie, old, evicted)

    def select(self, target: Target, context: RequestContext, now: float) -> Selection:
        """Return the cookies for a request, and those that stay behind with every reason (5.8.3).

        Only cookies that domain-match the host or share its registrable domain
        are spoken of. Changes nothing: note the access with ``touch``.
        """
        bucket = self._find(target.host)
        if bucket is None or target.host is None:
            return _NOTHING
        path = target.path if bucket.narrow or bucket.expired else ""
        asked = (target.scheme, target.host, target.port, path, context)
        if self._queue.next <= now:
            rules = Retrieval(target, target.host, context, self.profile, self.public_suffixes)
            return select_one_by_one(bucket, rules, now, self._order)
        answer = bucket.answers.get(asked)
        if answer is not None:
            return answer
        fates = bucket.fates.get(asked)
        if fates is None:
            rules = Retrieval(target, target.host, context, self.profile, self.public_suffixes)
            fates = fates_of(bucket, rules)
            _remember(bucket.fates, asked, fates)
        if not fates.timeless:
            return select_one_by_one(bucket, fates.rules, now, self._order)
        if bucket.expired:
            answer = select_one_by_one(bucket, fates.rules, now, self._order)
            if any(held.reasons[0].code is Code.EXPIRED for held in answer.withheld):
                return answer
        else:
            answer = select_groups(fates, now, self._order)
        _remember(bucket.answers, asked, answer)
        return answer

    def touch(self, cookies: Iterable[Cookie], now: float) -> None:
        """Note that these cookies were sent (5.8.3 step 5), to the minute."""
        before = now - ACCESS_RESOLUTION
        for cookie in cookies:
            if cookie.last_access_at < before:
                key = cookie.key
                bucket = self._find(cookie.domain)
                current = bucket.by_key.get(key) if bucket is not None else None
                if bucket is not None and current is not None:
                    bucket.add(key, _replace(current, last_access_at=now))

    def expire(self, now: float) -> tuple[Cookie, ...]:
        """Evict every cookie whose time has come, and return what went since the last call.

        Costs nothing where none is due. What went (of each site the latest 256)
        is remembered until ``select`` was asked for it and ``forget_expired``
        called, or until it is set again.
        """
        if self._queue.next <= now:
            self._sweep(now)
        if not self._swept:
            return ()
        swept, self._swept = self._swept, []
        return tuple(swept)

    def forget_expired(self, key: CookieKey) -> None:
        """Speak of an expired cookie no more."""
        bucket = self._find(key.domain)
        if bucket is not None:
            bucket.expired.pop(key, None)
            self._drop_if_empty(key.domain, bucket)

    def put(self, cookie: Cookie) -> Cookie | None:
        """Place a cookie as it is, past all rules; return what stood under its key.

        A ``sequence`` of 0 is replaced by the jar's next one; an inferred
        cookie keeps it, since it stands in no predicted header.
        """
        bucket = self._bucket(cookie.domain)
        key = cookie.key
        old = bucket.by_key.get(key)
        if cookie.sequence == 0:
            if not cookie.inferred:
                cookie = _replace(cookie, sequence=self._next_sequence(cookie.created_at))
        elif old is None or BY_CREATION(old) != BY_CREATION(cookie):
            if cookie.sequence <= self._sequence or cookie.created_at < self._latest:
                self._order = BY_CREATION
            self._sequence = max(self._sequence, cookie.sequence)
            self._latest = max(self._latest, cookie.created_at)
        bucket.expired.pop(key, None)
        self._place(bucket, key, cookie)
        return old

    def remove(self, key: CookieKey) -> Cookie | None:
        """Take a cookie out of the jar; return it, or None where there is none."""
        bucket = self._find(key.domain)
        return self._take(bucket, key) if bucket is not None else None

    def get(self, key: CookieKey) -> Cookie | None:
        """Return the cookie under a key, or None."""
        bucket = self._find(key.domain)
        return bucket.by_key.get(key) if bucket is not None else None

    def cookies(self) -> tuple[Cookie, ...]:
        """Return every cookie, ordered by domain, path and name."""
        held = [cookie for bucket in self._buckets.values() for cookie in bucket.by_key.values()]
        return tuple(sorted(held, key=_by_place))

    def cookies_beside(self, host: str | None) -> tuple[Cookie, ...]:
        """Return every cookie of a canonical host's site, in the order of ``cookies``."""
        bucket = self._find(host)
        return tuple(sorted(bucket.by_key.values(), key=_by_place)) if bucket is not None else ()

    def dump(self) -> tuple[Cookie, ...]:
        """Return every cookie, for ``load``."""
        return self.cookies()

    def _find(self, host: str | None) -> Bucket | None:
        """Return the bucket of a host's registrable domain, None where it has no cookies."""
        if host is None:
            return None
        name = self._names.get(host)
        return self._buckets.get(name if name is not None else self._name(host))

    def _bucket(self, host: str) -> Bucket:
        """Return the bucket of a host's registrable domain, a new one where there is none."""
        name = self._name(host)
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket()
        return bucket

    def _name(self, host: str) -> str:
        """Return what hosts that can share cookies have in common."""
        name = self._names.get(host)
        if name is None:
            name = self._worked_out_name(host)
            if len(host) <= LONGEST_CACHED:
                if len(self._names) >= _MOST_NAMES:
                    self._names.clear()
                self._names[host] = name
        return name

    def _worked_out_name(self, host: str) -> str:
        """Return the registrable domain, or the host where it has none.

        Below an IP address there is no registrable domain either, though 5.1.3
        lets such a name share the address's cookies.
        """
        if host[-1:].isdigit() and not is_ip(host):
            tail = ".".join(host.rsplit(".", 4)[-4:])
            if is_ip(tail):
                return tail
        return self.public_suffixes.registrable_domain(host) or host

    def _drop_if_empty(self, host: str, bucket: Bucket) -> None:
        """Forget a bucket that holds nothing."""
        if not bucket.by_key and not bucket.expired:
            self._buckets.pop(self._name(host), None)

    def _next_sequence(self, created_at: float) -> int:
        """Return the next sequence number, and notice a clock that went back."""
        if created_at < self._latest:
            self._order = BY_CREATION
        else:
            self._latest = created_at
        self._sequence += 1
        return self._sequence

    def _supersede(self, bucket: Bucket, old: Cookie | None, new: Cookie) -> Outcome:
        """Step 23: let a cookie take the place of the one with its key, or of an inferred one.

        Fills in what ``new``, which nobody else has seen yet, inherits.
        """
        if old is None:
            _fill_in(new, "sequence", self._next_sequence(new.created_at))
            return _CREATED
        refreshed = unchanged(old, new)
        if old.inferred:
            bucket.take(old.key)
            self._size -= 1
        if old.sequence == 0:
            _fill_in(new, "created_at", old.created_at)
            _fill_in(new, "sequence", self._next_sequence(old.created_at))
        elif old.value == new.value or self.profile.overwrite_keeps_creation:
            _fill_in(new, "created_at", old.created_at)
            _fill_in(new, "sequence", old.sequence)
        else:
            _fill_in(new, "sequence", self._next_sequence(new.created_at))
        return _REFRESHED if refreshed else _REPLACED

    def _place(self, bucket: Bucket, key: Key, cookie: Cookie) -> None:
        """Put a cookie into its bucket and its expiry into the queue."""
        if bucket.add(key, cookie) is None:
            self._size += 1
        if cookie.expires_at is not None:
            noted = self._queue.note(key, cookie.expires_at)
            if noted and len(self._queue) > 2 * self._size + 64:
                self._queue.rebuild(
                    (key, held.expires_at)
                    for bucket in self._buckets.values()
                    for key, held in bucket.by_key.items()
                    if held.expires_at is not None
                )

    def _take(self, bucket: Bucket, key: Key) -> Cookie | None:
        """Take a cookie out of its bucket."""
        cookie = bucket.take(key)
        if cookie is not None:
            self._size -= 1
            self._drop_if_empty(cookie.domain, bucket)
        return cookie

    def _sweep(self, now: float) -> None:
        """Evict what is due: "the user agent MUST evict all expired cookies" (5.7)."""
        for key in self._queue.take_due(now):
            bucket = self._find(key[1])
            cookie = bucket.by_key.get(key) if bucket is not None else None
            if bucket is None or cookie is None or cookie.expires_at is None:
                continue
            if cookie.expires_at <= now:
                bucket.expired[key] = cookie
                if len(bucket.expired) > _MOST_EXPIRED:
                    del bucket.expired[next(iter(bucket.expired))]
                self._take(bucket, key)
                self._swept.append(cookie)
            else:
                self._queue.note(key, cookie.expires_at)

    def _evict(self, bucket: Bucket, partition: str | None) -> tuple[Cookie, ...]:
        """Remove excess cookies of one site, or of one partition of it (5.7)."""
        profile = self.profile
        held = [
            cookie
            for group in bucket.groups.values()
            if group.traits.partition_key == partition
            for cookie in group.cookies.values()
        ]
        if partition is not None:
            gone = excess_of_partition(held, profile.most_per_site, profile.most_partition_octets)
        elif len(held) > profile.most_per_site:
            gone = excess(held, int(profile.purge_to))
        else:
            return ()
        for cookie in gone:
            self._take(bucket, cookie.key)
        return tuple(gone)


def _by_place(cookie: Cookie) -> tuple[str, str, str, bool, str]:
    """The order in which a jar is shown."""
    return cookie.domain, cookie.path, cookie.name, cookie.host_only, cookie.partition_key or ""


def _remember(known: dict[_K, _V], key: _K, value: _V) -> None:
    """Note what was worked out; begin anew where that is much already."""
    if len(known) >= _MOST_ANSWERS:
        known.clear()
    known[key] = value
