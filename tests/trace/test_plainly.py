"""The short way to compare a header with a jar finds what the long way finds."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import event, given, settings
from hypothesis import strategies as st

from cookietrace.cookies import (
    Code,
    Cookie,
    Credentials,
    Finding,
    RequestContext,
    SameSite,
    Selection,
    Site,
    Withheld,
)
from cookietrace.fold import reconcile

CONTEXT = RequestContext(
    site=Site.SAME,
    top_level=True,
    unsafe=False,
    credentials=Credentials.INCLUDE,
    top_level_site="https://shop.test",
    certain=True,
)


def cookie(name: str, value: str, path: str, inferred: bool, unconfirmed: bool) -> Cookie:
    """Return a cookie of the jar."""
    return Cookie(
        name=name,
        value=value,
        domain="shop.test",
        host_only=True,
        path=path,
        secure=False,
        http_only=False,
        same_site=SameSite.DEFAULT,
        expires_at=None,
        created_at=1.0,
        last_access_at=1.0,
        sequence=1,
        inferred=inferred,
        unconfirmed=unconfirmed,
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Selection]:
    """Draw a jar's selection, and a header with most of it and little else."""
    cookies = draw(
        st.lists(
            st.builds(
                cookie,
                st.sampled_from("abcdefg"),
                st.sampled_from(["1", "2", ""]),
                st.sampled_from(["/", "/x"]),
                st.booleans(),
                st.sampled_from([False] * 9 + [True]),
            ),
            max_size=4,
            unique_by=lambda one: one.key,
        )
    )
    sent = tuple(one for one in cookies if not one.inferred)
    held = tuple(
        Withheld(one, (Finding(code, (("cookie", one.name),)),))
        for one in sent[3:]
        for code in draw(st.sampled_from([[Code.SAME_SITE_LAX], [Code.EXPIRED], [Code.HOST_ONLY]]))
    )
    inferred = tuple(one for one in cookies if one.inferred)
    pairs = [one.pair for one in (*sent[:3], *inferred)]
    if draw(st.booleans()):
        pairs = draw(st.lists(st.sampled_from([*(one.pair for one in cookies), "x=1", "a=1"])))
    return "; ".join(draw(st.permutations(pairs))), Selection(sent[:3], held, inferred)


@given(cases())
@settings(max_examples=120)
def test_the_short_way_finds_what_the_long_way_finds(case: tuple[str, Selection]) -> None:
    """For any header, and any cookies that are predicted, inferred or withheld."""
    observed, selection = case

    def compared() -> reconcile.Comparison:
        return reconcile.reconcile(
            observed,
            selection,
            host="shop.test",
            context=CONTEXT,
            at=2.0,
            overlaps=lambda *_, **__: False,
            possible=(),
            is_open=lambda _: False,
        )

    short = compared()
    with patch.object(reconcile, "plainly", lambda *_: None):
        long = compared()
    event(f"plain: {short.plain}")
    assert (short.cookies, short.withheld, short.missing) == (
        long.cookies,
        long.withheld,
        long.missing,
    )
