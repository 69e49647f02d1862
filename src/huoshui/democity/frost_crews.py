"""What the crews did in last January's cold wave: jobs, arrivals, exchanged meters, parts, ends."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import facade as hotline
from huoshui.democity import hotline as desk
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts.models import User

Found = contracts.Found
FOUND = {"meter_exchanged": Found.METER_EXCHANGED, "thawed": Found.THAWED,
         "repaired": Found.REPAIRED, "customers_own": Found.OTHER}  # fmt: skip
USED = {"meter_exchanged": {"meter_dn15": 1, "pipe_wrap": 1}, "thawed": {"pipe_wrap": 1},
        "repaired": {"pipe_wrap": 1}}  # fmt: skip
MINUTES = {"meter_exchanged": (25, 55), "thawed": (15, 40), "repaired": (40, 110),
           "customers_own": (10, 25)}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How one repair ended: its result as the case has it, and what was written."""

    result: str
    what: str


class Crews:
    """The crews of the wave: each has one job at a time, and drives on with what it used refilled.

    Without crews, meters or parts in the records nothing of theirs is told.
    """

    def __init__(self, people: Mapping[str, int], dice: random.Random) -> None:
        self._people, self._dice = people, dice
        self._leaders = dict(sorted(fieldwork.crew_leaders().items()))
        self._free_at: dict[str, datetime] = {}
        self._used: Counter[tuple[str, str]] = Counter()
        self._exchanged = 0

    def repair(self, number: str, caller: desk.Caller, topic: str, end: Outcome) -> datetime:
        """Send a crew to a repair and let it do what is found there; return when it was done."""
        fact = cases.case(number)
        assert fact is not None, number
        dispatcher = self._people["dispatcher"]
        sent_at = fact.opened_at + timedelta(minutes=self._dice.randrange(2, 20))
        with clock.frozen(sent_at):
            cases.act(number, "send", by_id=dispatcher)
            job = fieldwork.request_job(
                place=contracts.Place(
                    zone_code=caller.zone, lon=caller.lon, lat=caller.lat,
                    account_code=caller.account,
                ),
                by_id=dispatcher, title=f"{number} {fact.title}"[:200],
                kind=contracts.JobKind.REPAIR, priority=contracts.Priority.HIGH,
                origin=hotline.job_origin(number), called_at=fact.opened_at,
                work=contracts.Work("frozen_meter" if topic == "frozen_meter" else ""),
            ).number  # fmt: skip
        crew, given_at = self._crew(job, sent_at)
        there_at = given_at + timedelta(minutes=self._dice.randrange(14, 46))
        done_at = there_at + timedelta(minutes=self._dice.randrange(*MINUTES[end.result]))
        leader = self._leaders[crew]
        with clock.frozen(given_at):
            fieldwork.give_to_crew(number=job, crew_code=crew, by_id=dispatcher)
        with clock.frozen(there_at):
            fieldwork.arrive(number=job, by=leader)
            cases.act(number, "arrive", by_id=dispatcher)
        with clock.frozen(done_at):
            self._use(job, crew, USED.get(end.result, {}))
            if end.result == "meter_exchanged":
                self._exchange(job, caller.account, fact.opened_at, done_at, leader)
            fieldwork.report_job(number=job, by=leader, found=FOUND[end.result], note=end.what)
            cases.act(number, "finish", by_id=dispatcher,
                      fields={"result": end.result, "found": end.what})  # fmt: skip
        with clock.frozen(done_at + timedelta(minutes=25)):
            if end.result != "customers_own":
                fieldwork.tell_moments(
                    number=job, repaired_at=done_at, water_back_at=done_at,
                    cause=contracts.Cause.FROST, by=User.objects.get(pk=dispatcher),
                )  # fmt: skip
            fieldwork.close_job(number=job, by_id=dispatcher)
        self._free_at[crew] = done_at + timedelta(minutes=5)
        return done_at

    def refill(self, at: datetime) -> None:
        """Let what the wave took from the stores be delivered to them."""
        parts: dict[str, dict[str, int]] = {}
        for (store, part), quantity in self._used.items():
            parts.setdefault(store, {})[part] = quantity
        with clock.frozen(at):
            for store, wanted in sorted(parts.items()):
                fieldwork.move_parts(
                    wanted, to_code=store, note="寒潮用料补库", by_id=self._people["manager"]
                )

    def _crew(self, job: str, sent_at: datetime) -> tuple[str, datetime]:
        """Return who goes, and when it is given: an able crew that is free, else the first free."""
        with clock.frozen(sent_at):
            able = [one.code for one in fieldwork.able_crews(job) if not one.faults]
        able = [one for one in able if one in self._leaders] or list(self._leaders)
        free = {one: max(sent_at, self._free_at.get(one, sent_at)) for one in able}
        crew = min(able, key=lambda one: free[one])
        return crew, free[crew]

    def _use(self, job: str, crew: str, parts: Mapping[str, int]) -> None:
        """Take parts from the vehicle for a job, and load as many again from a store with most."""
        leader, vehicle = self._leaders[crew].pk, f"V-{crew}"
        lying = {one: fieldwork.lying(one) for one in ("D-1", "D-2")}
        for part, quantity in parts.items():
            store = max(sorted(lying), key=lambda one: lying[one].get(part, 0))
            one = {part: quantity}
            fieldwork.move_parts(one, from_code=store, to_code=vehicle, by_id=leader)
            fieldwork.issue_parts(one, from_code=vehicle, job_number=job, by_id=leader)
            self._used[store, part] += quantity

    def _exchange(
        self, job: str, account: str, called_at: datetime, at: datetime, leader: User
    ) -> None:
        """Take the frozen meter out: most ran until the ice broke them, some stood since before."""
        meter = customers.meters_of([account])[account][0]
        self._exchanged += 1
        stood = self._exchanged % 3 == 0
        customers.exchange_meter(
            customer_contracts.Exchanged(
                key=f"democity.frost:{self._exchanged}", at=at, old_number=meter.number,
                old_reading_m3=(meter.reading_m3 or 0.0) + self._dice.randrange(2, 9),
                new_number=f"SB2601{self._exchanged:04d}", start_reading_m3=0.0,
                stopped_from_date=clock.local(called_at - timedelta(days=1)).date()
                if stood else None,
                job_number=job, account_code=account,
            ),
            by_id=leader.pk,
        )  # fmt: skip
