"""Requests and answers that crossed on their way: which answers explain which requests."""

from __future__ import annotations

from cookietrace.fold.crossings import Crossings


def test_an_answer_explains_what_differed_while_it_was_under_way() -> None:
    """Requests come in their order, once for a name, and never those from before it was asked."""
    crossings = Crossings()
    crossings.begun("first", ())
    crossings.begun("early", ("a", "b"))
    crossings.begun("slow", ())
    crossings.begun("one", ("a",))
    crossings.begun("two", ("b", "a"))
    assert crossings.explained("slow", ("c",)) == []
    assert crossings.explained("slow", ("a", "b")) == ["one", "two"]
    assert crossings.explained("slow", ("a", "b")) == []
    assert crossings.explained("first", ("a", "b")) == ["early"]
    assert crossings.explained("unheard of", ("a",)) == []


def test_what_nothing_can_explain_is_forgotten() -> None:
    """A request differs in vain where none is open, and no longer than one is."""
    crossings = Crossings()
    crossings.begun("alone", ("a",))
    assert crossings.nothing_differs
    crossings.begun("second", ("a",))
    assert not crossings.nothing_differs
    crossings.closed("alone")
    assert not crossings.nothing_differs
    crossings.closed("second")
    assert crossings.nothing_differs


def test_an_answer_is_under_way_for_a_second() -> None:
    """It is for all that do not follow it, whatever answers came before or after."""
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


def test_a_clock_that_was_set_back_leaves_nothing_under_way() -> None:
    """Answers from before the step are forgotten, and those after it count as ever."""
    crossings = Crossings()
    crossings.changed("before", 5000.0, ("a",))
    crossings.changed("after", 100.0, ("a",))
    crossings.changed("later", 101.5, ("b",))
    assert crossings.under_way("a", 100.5, ())
    assert not crossings.under_way("a", 101.6, ())
    assert crossings.under_way("b", 101.6, ())
