"""What can be wrong with something handed in, said so that a person can put it right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

VALUE_LENGTH = 120
KEPT_PER_CODE = 20_000
KEPT_IN_ALL = 50_000
# Control characters would move a terminal's cursor and break Excel's XML. The last two ranges are
# halves of characters and the two places that Unicode leaves empty.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def shown(value: Any) -> str:
    """Return what a cell held, fit to be shown: one line, nothing invisible, not too long."""
    text = "" if value is None else str(value)[: VALUE_LENGTH + 1]
    text = UNPRINTABLE.sub("\ufffd", text)
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    ``words`` and ``remedy`` may be lazy translations. ``subject`` is the object it is about,
    ``line`` the line as the reader's own program numbers it. A fatal problem stops the import.
    """

    code: str
    words: Any
    fatal: bool
    subject: str = ""
    file: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""
    remedy: Any = ""

    def __post_init__(self) -> None:
        for name in ("subject", "file", "column", "value"):
            object.__setattr__(self, name, shown(getattr(self, name)))


class Found:
    """Problems as they are found. Counts all of them and keeps as many as anybody would read.

    A file of rubbish has a problem in each line; keeping each would fill the memory.
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._kept: list[Problem] = []
        self.counts: Counter[str] = Counter()
        self.fatal = False
        self.extend(problems)

    def add(self, problem: Problem) -> None:
        """Take down one problem."""
        self.counts[problem.code] += 1
        # What stops the import is always kept: nobody could act otherwise.
        first_fatal = problem.fatal and not self.fatal
        self.fatal = self.fatal or problem.fatal
        room = self.counts[problem.code] <= KEPT_PER_CODE and len(self._kept) < KEPT_IN_ALL
        if room or first_fatal:
            self._kept.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Take down several; the counts of another `Found` are taken over whole."""
        if isinstance(problems, Found):
            counts = self.counts + problems.counts
            for problem in problems:
                self.add(problem)
            self.counts = counts
            return
        for problem in problems:
            self.add(problem)

    def count(self, code: str, total: int) -> None:
        """Say how many of a code there are, where only some were added."""
        if total:
            self.counts[code] = total

    @property
    def total(self) -> int:
        """How many were found, kept or not."""
        return self.counts.total()

    @property
    def left_out(self) -> int:
        """How many were counted and not kept."""
        return self.total - len(self._kept)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)
