"""The reader's double: every picture says what it was told to say."""

from collections.abc import Sequence

from models.domain import ReadOrder, Refusal, TextLine
from models.doubles.trouble import Trouble


class Prompter:
    """`text` in one line over the whole picture; `refuse` and `crash` meet that text."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        self._trouble, self._text = trouble, text

    def read(self, orders: Sequence[ReadOrder]) -> list[tuple[TextLine, ...] | Refusal]:
        return self._trouble.met(orders, lambda _: self._text, self._said)

    def _said(self, order: ReadOrder) -> tuple[TextLine, ...]:
        return (TextLine(self._text, 1.0, (0, 0, *order.picture.size)),) if self._text else ()
