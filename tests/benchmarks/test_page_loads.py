"""The loads of the demo's pages that are timed: who loads when, and what is counted."""

from __future__ import annotations

import threading

import pytest

from benchmarks import page_loads
from benchmarks.page_loads import PAGES, WARM_UP, Turns, medians
from demo_app.app import create_app

ROUNDS = 2


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_loads, "PAUSE", 0.0)


def _play(browsers: int) -> tuple[Turns, list[tuple[int, str]]]:
    """Let browsers that load at once take their turns; return who loaded which page, in order."""
    turns = Turns(ROUNDS, browsers)
    order: list[tuple[int, str]] = []

    def browse(browser: int) -> None:
        page = turns.turn(browser, -1.0)
        while page:
            order.append((browser, page))
            page = turns.turn(browser, 10.0 * (browser + 1))

    threads = [threading.Thread(target=browse, args=(each,)) for each in range(browsers)]
    for thread in threads:
        thread.start()
    turns.wait(warm=True)
    turns.wait(warm=False)
    for thread in threads:
        thread.join()
    return turns, order


@pytest.mark.parametrize("browsers", [2, 3])
def test_browsers_take_turns_page_by_page(browsers: int) -> None:
    """Every page is loaded by each of them before the next page, and each of them is first."""
    _, order = _play(browsers)
    assert len(order) == (WARM_UP + ROUNDS) * len(PAGES) * browsers
    together = [order[at : at + browsers] for at in range(0, len(order), browsers)]
    for number, loads in enumerate(together):
        assert {browser for browser, _ in loads} == set(range(browsers))
        assert {page for _, page in loads} == {PAGES[number % len(PAGES)]}
    firsts = [loads[0][0] for loads in together]
    counts = [firsts.count(each) for each in range(browsers)]
    assert max(counts) - min(counts) <= 1


def test_only_loads_after_the_warm_up_count() -> None:
    """Of each browser and page, as many loads as there are rounds."""
    turns, _ = _play(2)
    for browser in (0, 1):
        assert turns.took[browser] == {page: [10.0 * (browser + 1)] * ROUNDS for page in PAGES}


def test_a_browser_that_hangs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for ever."""
    monkeypatch.setattr(page_loads, "PATIENCE", 0.01)
    with pytest.raises(RuntimeError, match="does not load"):
        Turns(1).wait(warm=True)


def test_the_median_is_that_of_each_page() -> None:
    """All loads of a page together; then the mean over the pages."""
    one = {page: [1.0, 2.0] for page in PAGES}
    other = {page: [9.0 if page == PAGES[0] else 2.0] for page in PAGES}
    assert medians([one, other]) == 2.0


@pytest.mark.parametrize("page", PAGES)
def test_pages_carry_the_script_and_may_run_it(page: str) -> None:
    """The page is the demo's own, with the script behind it, which its policy allows."""
    path = page.removeprefix(page_loads.ORIGIN)
    at = {"base_url": page_loads.ORIGIN}
    own = create_app(secret_key="k").test_client().get(path, **at)
    timed = page_loads.timed_app(0, Turns(1)).test_client().get(path, **at)
    added = timed.text.removeprefix(own.text)
    assert added.startswith("<script>")
    assert "performance.getEntriesByType" in added
    before = own.headers["Content-Security-Policy"]
    after = timed.headers["Content-Security-Policy"]
    assert after.count("sha256-") == before.count("sha256-") + 1
