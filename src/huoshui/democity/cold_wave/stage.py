"""What happens next: deeds in the order of their moments, played at once or by the demo's clock."""

from __future__ import annotations

import heapq
import itertools
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import OperationalError

from huoshui.kernel import clock, errors
from huoshui.kernel.events import dispatcher
from huoshui.kernel.jobs import schedules

log = logging.getLogger(__name__)

Deed = Callable[[], None]
BUSY = (errors.Unavailable, OperationalError)
AGAIN_S = 20.0
CARRY_EVERY_S = 60
SCHEDULES_EVERY_S = 600


class Stage:
    """Deeds that wait for their moment, counted in seconds since the first morning at 06:00."""

    def __init__(self, begins_at: datetime) -> None:
        self.begins_at = begins_at
        self.now_s = float("-inf")
        self._waiting: list[tuple[float, int, Deed]] = []
        self._order = itertools.count()

    def at(self, moment_s: float, deed: Deed) -> None:
        """Let something happen at a moment, or as soon as may be where that has passed."""
        heapq.heappush(self._waiting, (max(moment_s, self.now_s), next(self._order), deed))

    def after(self, pause_s: float, deed: Deed) -> None:
        """Let something happen after a while."""
        self.at(self.now_s + pause_s, deed)

    def every(self, pause_s: float, deed: Deed, *, first_s: float = 0.0) -> None:
        """Let something happen again and again."""

        def again() -> None:
            try:
                deed()
            except BUSY:
                raise  # it is done again as it is
            except Exception:
                self.after(pause_s, again)
                raise
            self.after(pause_s, again)

        self.at(first_s, again)

    def moment(self, at_s: float) -> datetime:
        """Return when a moment of the script is."""
        return self.begins_at + timedelta(seconds=at_s)

    def seconds(self, moment: datetime) -> float:
        """Return a moment as the script counts it."""
        return (moment - self.begins_at).total_seconds()

    def play(self, until_s: float) -> None:
        """Play without waiting: the shown clock stands at each deed and goes on with the next.

        What areas tell each other is carried every minute, and what recurs every ten, as the
        worker does.
        """
        carried_s = recurred_s = self.now_s
        while self._waiting and self._waiting[0][0] <= until_s:
            at_s, _order, deed = heapq.heappop(self._waiting)
            if at_s - carried_s >= CARRY_EVERY_S:
                dispatcher.dispatch()
                carried_s = at_s
            if at_s > self.now_s:
                self.now_s = at_s
                clock.set_now(self.moment(at_s), times=0)
            if at_s - recurred_s >= SCHEDULES_EVERY_S:
                schedules.run_due()
                recurred_s = at_s
            deed()
        self.now_s = until_s
        clock.set_now(self.moment(until_s), times=0)
        dispatcher.dispatch()

    def look(self, budget_s: float) -> int:
        """Do what the demo's clock says is due, for so long at most; return how much is left.

        A deed that finds the database busy is done again; one that fails is left, and the others
        go on.
        """
        until = time.monotonic() + budget_s
        shown_s = self.seconds(clock.now())
        while self._waiting and self._waiting[0][0] <= shown_s:
            if time.monotonic() > until:
                return sum(one[0] <= shown_s for one in self._waiting)
            at_s, _order, deed = heapq.heappop(self._waiting)
            self.now_s = max(self.now_s, at_s)
            try:
                deed()
            except BUSY as problem:
                log.warning("A deed of the rehearsal comes again: %s", problem)
                self.after(AGAIN_S, deed)
            except Exception:
                log.exception("A deed of the rehearsal failed")
        self.now_s = max(self.now_s, shown_s)
        return 0
