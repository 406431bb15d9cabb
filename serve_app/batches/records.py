"""Text in pieces of any size becomes records: a quoted cell may hold line ends, and no record grows without bound."""

import re
from collections.abc import Iterator

MOST_CHARACTERS = 64 * 1024  # of one record; four columns of the longest listing that the intake accepts need a third


class Splitter:
    """`mark`: the delimiter of csv, whose quotes are then heeded; None for plain lines.

    Ends and quotes are those of the csv module. A record above `MOST_CHARACTERS` is given as None.
    """

    def __init__(self, mark: str | None) -> None:
        self._stop = re.compile(r"\r\n?|\n" + ("" if mark is None else f"|{re.escape(mark)}"))
        self._mark = mark
        self._text, self._at = "", 0  # the record that is not complete, and how far it was looked at
        self._fresh, self._quoted, self._long = True, False, False

    def feed(self, text: str, last: bool = False) -> Iterator[str | None]:
        """Records that the text completes, with their line ends; `last`: nothing follows."""
        self._text += text
        start = 0
        while self._next(last):
            yield self._record(start)
            start = self._at
        rest = self._text[start:]
        if last and (rest or self._long):
            yield self._record(start)
            rest = ""
        self._at -= start
        if len(rest) > MOST_CHARACTERS:
            self._long = True
        if self._long:
            rest, self._at = rest[self._at :], 0
        self._text = rest

    def _record(self, start: int) -> str | None:
        end = self._at
        long, self._long = self._long or end - start > MOST_CHARACTERS, False
        return None if long else self._text[start:end]

    def _next(self, last: bool) -> bool:
        """Goes on to the end of the record; False when the text ends before."""
        text = self._text
        while True:
            if self._quoted:
                found = text.find('"', self._at)
                self._at = len(text) if found < 0 else found
                if found < 0 or (found + 1 == len(text) and not last):  # the twin of a quote may follow
                    return False
                twin = text.startswith('"', found + 1)
                self._quoted, self._at = twin, found + 1 + twin
                continue
            if self._fresh and self._mark is not None and text.startswith('"', self._at):
                self._fresh, self._quoted = False, True
                self._at += 1
                continue
            stop = self._stop.search(text, self._at)
            reached = len(text) if stop is None else stop.start()
            self._fresh = self._fresh and reached == self._at
            if stop is None or (stop[0] == "\r" and stop.end() == len(text) and not last):
                self._at = reached
                return False
            self._at, self._fresh = stop.end(), True
            if stop[0] != self._mark:
                return True
