"""Requests and responses that crossed: which responses explain which requests."""

from __future__ import annotations

from cookietrace.fold.crossings import Crossings


def test_a_response_explains_requests_that_differed_while_it_was_open() -> None:
    """They are returned in order, once per name, and only if they are later than its request."""
    crossings = Crossings()
    crossings.opened("first", ())
    crossings.opened("early", ("a", "b"))
    crossings.opened("slow", ())
    crossings.opened("one", ("a",))
    crossings.opened("two", ("b", "a"))
    assert crossings.explained("slow", ("c",)) == []
    assert crossings.explained("slow", ("a", "b")) == ["one", "two"]
    assert crossings.explained("slow", ("a", "b")) == []
    assert crossings.explained("first", ("a", "b")) == ["early"]
    assert crossings.explained("unknown", ("a",)) == []


def test_unexplainable_differences_are_forgotten() -> None:
    """A difference is kept only while some other request is open."""
    crossings = Crossings()
    crossings.opened("alone", ("a",))
    assert crossings.nothing_differs
    crossings.opened("second", ("a",))
    assert not crossings.nothing_differs
    crossings.closed("alone")
    assert not crossings.nothing_differs
    crossings.closed("second")
    assert crossings.nothing_differs


def test_a_response_is_under_way_for_a_second() -> None:
    """For every request that does not follow it, whatever other responses there are."""
    crossings = Crossings()
    crossings.changed("one", 10.0, ("a",))
    crossings.changed("two", 10.5, ("a", "b"))
    crossings.changed("three", 11.2, ("c",))
    assert crossings.under_way("a", 11.2, ())
    assert not crossings.under_way("a", 11.2, ("two",))
    assert not crossings.under_way("a", 10.0, ("one",))
    assert not crossings.under_way("a", 11.6, ())
    assert not crossings.under_way("d", 11.2, ())
    assert not crossings.under_way("c", 20.0, ())


def test_no_response_is_under_way_after_the_clock_was_set_back() -> None:
    """Responses from before the step are forgotten; those after it count as usual."""
    crossings = Crossings()
    crossings.changed("before", 5000.0, ("a",))
    crossings.changed("after", 100.0, ("a",))
    crossings.changed("later", 101.5, ("b",))
    assert crossings.under_way("a", 100.5, ())
    assert not crossings.under_way("a", 101.6, ())
    assert crossings.under_way("b", 101.6, ())
