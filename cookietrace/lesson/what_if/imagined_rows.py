"""The rows of an imagined telling: what they show of a shared exchange, the real rows tell."""

from __future__ import annotations

from cookietrace.archive import RowLog
from cookietrace.archive.row_log import Details, RowDetails
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.what_if.imagined_exchanges import ImaginedExchanges


class ImaginedRows(RowLog):
    """Rows with numbers of their own."""

    def __init__(self, details: Details, exchanges: ImaginedExchanges, real: RowLog) -> None:
        super().__init__(details, exchanges)
        self._overlay = exchanges
        self._real = real

    def keep(self, number: int) -> None:
        """Keep what the rows of a shared exchange show, before it becomes one of its own."""
        for at in self.of_exchange(number):
            if self.kind_of(at) is not RowKind.EXCHANGE and not self._is_kept(at):
                self._shown[at] = self._kept_as(self._of_real(at))

    def _details_of(self, at: int, code: int) -> RowDetails:
        if self._is_kept(at) or self._overlay.is_own(self._exchanges[at]):
            return super()._details_of(at, code)
        return self._of_real(at)

    def _of_real(self, at: int) -> RowDetails:
        number = self._exchanges[at]
        place = self.of_exchange(number).index(at)
        row = self._real[self._real.of_exchange(number)[place]]
        return RowDetails(row.results, row.lines, row.refutes)
