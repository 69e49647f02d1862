"""Everything that the records say of a wave until a moment: calls, cases, jobs, crews, parts.

Read through the doors of the areas that keep it, in a number of questions that does not grow with
the calls (one more for each five hundred cases). What happened later does not count, so that the
same moment can be counted again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from huoshui.areas.announcements import contracts as told
from huoshui.areas.announcements import facade as announcements
from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as field_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import contracts as hotline_contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import models, rules
from huoshui.areas.surge.contracts import Kind
from huoshui.kernel import cases, clock

JobState = field_contracts.JobState
ON_SITE_DONE = ("call_back", "closed", "unasked")
WARNED_BEFORE = timedelta(days=10)
JUST_NOW = timedelta(minutes=10)
Word = hotline_contracts.CallFact | hotline_contracts.IntakeFact
WARNING_KINDS = {Kind.COLD: told.Kind.FREEZE, Kind.BURST: told.Kind.BURST}


@dataclass
class CaseCount:
    """One repair case of a wave as it stood at the moment: state, who told of it, job."""

    number: str
    title: str
    priority: str
    opened_at: datetime
    state: str
    result: str
    done_at: datetime | None
    calls: list[Word] = field(default_factory=list)
    job: fieldwork.JobFact | None = None

    @property
    def first(self) -> Word:
        """The first call about it, or the first word by another way."""
        return self.calls[0]

    @property
    def estate(self) -> str:
        """The estate that the first who told named, if they named one."""
        return next((one.estate_code for one in self.calls if one.estate_code), "")

    @property
    def is_done(self) -> bool:
        """Whether the work in the street is done; the call back may still be due."""
        return self.state in ON_SITE_DONE or (
            self.job is not None and self.job.state in (JobState.DONE, JobState.CLOSED)
        )

    @property
    def is_cancelled(self) -> bool:
        """Whether it was given up."""
        return self.state == "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits."""
        return not self.is_done and not self.is_cancelled

    @property
    def why_waiting(self) -> str:
        """Why no crew has it, as a code; empty where one has it or it is done."""
        if not self.is_open or (self.job is not None and self.job.state == JobState.ASSIGNED):
            return ""
        if self.job is None:
            return "not_sent"
        if self.job.state == JobState.CANCELLED:
            return "job_cancelled"
        return self.job.waits.code if self.job.waits else "not_looked"

    @property
    def finished_at(self) -> datetime | None:
        """When the work was done: by the crew's report, else by the case."""
        moments = [self.done_at, self.job.done_at if self.job else None]
        return min((one for one in moments if one is not None), default=None)


class Gathered:
    """The records of one wave until a moment."""

    def __init__(self, surge: models.Surge, until: datetime) -> None:
        self.surge = surge
        self.kind = Kind(surge.kind)
        self.until = min(until, surge.until) if surge.until else until
        self.topics = frozenset(surge.topics)

    @cached_property
    def estates(self) -> frozenset[str] | None:
        """The estates of the wave; None for the whole city."""
        if not self.surge.estates and not self.surge.zones:
            return None
        zones = set(self.surge.zones)
        inside = {one.code for one in customers.estates() if one.zone_code in zones}
        return frozenset(inside | set(self.surge.estates))

    def is_inside(self, estate_code: str, zone_code: str = "") -> bool:
        """Say whether something lies in the area of the wave."""
        if self.estates is None:
            return True
        return estate_code in self.estates or bool(zone_code and zone_code in self.surge.zones)

    @cached_property
    def calls(self) -> list[hotline_contracts.CallFact]:
        """The calls of the area, the earliest first."""
        found = hotline.call_facts(self.surge.from_at, self.until)
        return [one for one in found if self.is_inside(one.estate_code, one.zone_code)]

    def counts(self, call: Word) -> bool:
        """Say whether a noted call, or a word by another way, is about what the wave is about."""
        return not self.topics or call.topic_code in self.topics

    @cached_property
    def repairs(self) -> list[hotline_contracts.CallFact]:
        """The calls that report something broken, duplicates among them."""
        return [one for one in self.calls if one.kind == "repair" and self.counts(one)]

    @cached_property
    def told_otherwise(self) -> list[hotline_contracts.IntakeFact]:
        """What came from the area by other ways than calls, of whatever topic, earliest first."""
        called = {one.case_number for one in self.calls}
        return [
            one
            for one in hotline.intake_facts(self.surge.from_at, self.until)
            if one.number not in called and self.is_inside(one.estate_code)
        ]

    @cached_property
    def otherwise(self) -> list[hotline_contracts.IntakeFact]:
        """What of it is about the topics of the wave."""
        return [one for one in self.told_otherwise if self.counts(one)]

    @cached_property
    def repair_words(self) -> list[Word]:
        """Whatever reports something broken, by a call or another way; the earliest first."""
        others = [one for one in self.otherwise if one.kind == "repair"]
        return sorted([*self.repairs, *others], key=lambda one: one.began_at)

    @cached_property
    def cases(self) -> list[CaseCount]:
        """The repair cases of these, each with all who told of it and its job."""
        of_case: dict[str, list[Word]] = defaultdict(list)
        for word in self.repair_words:
            if word.case_number:
                of_case[word.case_number].append(word)
        facts, moves = cases.many(of_case), cases.moves(of_case, self.until)
        origins = {hotline.job_origin(number): number for number in of_case}
        jobs: dict[str, fieldwork.JobFact] = {}
        for job in fieldwork.job_facts(origins, self.until):
            before = jobs.get(origins[job.origin])
            # A job that was given up does not hide the one that was asked for instead.
            if before is None or job.state != JobState.CANCELLED:
                jobs[origins[job.origin]] = job
        found = []
        for number, calls in of_case.items():
            fact, moved = facts.get(number), moves.get(number, [])
            if fact is None:
                continue
            state = moved[-1][0] if moved else fact.state
            done = [at for at_state, at in moved if at_state in ON_SITE_DONE]
            is_done = state in ON_SITE_DONE
            found.append(
                CaseCount(
                    number=number,
                    title=fact.title,
                    priority=fact.priority,
                    opened_at=fact.opened_at,
                    state="cancelled" if fact.merged_into else state,
                    result=str(fact.fields.get("result") or "") if is_done else "",
                    done_at=done[0] if done and is_done else None,
                    calls=calls,
                    job=jobs.get(number),
                )
            )
        return found

    @cached_property
    def jobs(self) -> list[fieldwork.JobFact]:
        """The jobs of these cases that were not given up."""
        every = (one.job for one in self.cases if one.job is not None)
        return [one for one in every if one.state != JobState.CANCELLED]

    @cached_property
    def crews(self) -> list[fieldwork.CrewFact]:
        """The crews that were called up."""
        called = set(self.surge.crews)
        return [one for one in fieldwork.crew_facts() if one.code in called]

    @cached_property
    def crews_out(self) -> set[str]:
        """The crews that have a job of the wave, or now any job that they have begun."""
        out = {one.crew_code for one in self.jobs if one.state == JobState.ASSIGNED}
        if self.until >= clock.now() - JUST_NOW and self.surge.until is None:
            out |= {one.code for one in self.crews if one.is_busy}
        return out & {one.code for one in self.crews}

    @cached_property
    def meters(self) -> list[customer_contracts.MeterExchange]:
        """The meters that crews exchanged for these cases."""
        numbers = {one.number for one in self.jobs}
        every = customers.meter_exchanges(since=self.surge.from_at, until=self.until)
        return [one for one in every if one.job_number in numbers]

    @cached_property
    def stock_warnings(self) -> list[field_contracts.StockWarning]:
        """The warnings that a watched part would run short, which stood in the time of the wave."""
        watched = set(self.surge.parts)
        every = fieldwork.stock_warnings(since=self.surge.from_at)
        return [one for one in every if one.part_code in watched and one.began_at < self.until]

    @cached_property
    def uses(self) -> list[fieldwork.PartUse]:
        """What jobs used of the watched parts, whoever asked for them."""
        return fieldwork.part_uses(self.surge.parts, self.surge.from_at, self.until)

    @cached_property
    def lying(self) -> dict[str, int]:
        """How many of the watched parts lay there."""
        return fieldwork.lying_at(self.surge.parts, self.until)

    @cached_property
    def warnings(self) -> list[str]:
        """The numbers of the announcements that warned of the wave."""
        named = [str(one) for one in self.surge.announcements]
        if named:
            return named
        kind = WARNING_KINDS.get(self.kind)
        if kind is None:
            return []
        return announcements.released_between(kind, self.surge.from_at - WARNED_BEFORE, self.until)

    @cached_property
    def reached(self) -> dict[str, datetime]:
        """The accounts whose person a warning of ours got through to until then, and when."""
        found = announcements.reached_at(self.warnings) if self.warnings else {}
        return {code: at for code, at in found.items() if at < self.until}

    @cached_property
    def at_risk(self) -> dict[str, datetime | None]:
        """The accounts of the risk list in the area, and when they were first warned of this wave.

        By a person of ours not earlier than `WARNED_BEFORE` the wave, or by a message.
        """
        if self.surge.risk_list_id is None:
            return {}
        # Who is taken off later was on the list of this wave all the same.
        rows = models.RiskEntry.objects.listed_since(self.surge.from_at)
        rows = rows.filter(risk_list_id=self.surge.risk_list_id)
        since = self.surge.from_at - WARNED_BEFORE
        found: dict[str, datetime | None] = {}
        for code, estate, at in rows.values_list("account_code", "estate_code", "tellings__at"):
            if not self.is_inside(estate):
                continue
            by_hand = at if at is not None and since <= at < self.until else None
            moments = (found.get(code), by_hand, self.reached.get(code))
            found[code] = min((one for one in moments if one is not None), default=None)
        return found

    @cached_property
    def told(self) -> dict[str, datetime]:
        """The accounts that were warned until then, at risk or not, and when first."""
        by_hand = {code: at for code, at in self.at_risk.items() if at is not None}
        return {**self.reached, **by_hand}

    @cached_property
    def hit(self) -> dict[str, datetime]:
        """The accounts that the trouble hit, and when they first told of damage by it, anyhow."""
        chosen = rules.DAMAGE_TOPICS[self.kind]
        if self.topics & set(chosen):
            chosen = tuple(self.topics & set(chosen))
        found: dict[str, datetime] = {}
        for one in self.repair_words:
            if one.account_code and (not chosen or one.topic_code in chosen):
                found.setdefault(one.account_code, one.began_at)
        return found

    def is_in_time(self, account_code: str) -> bool:
        """Say whether an account was warned before it first told of damage."""
        at = self.told.get(account_code)
        return at is not None and at < self.hit.get(account_code, self.until)

    def households(self, case: CaseCount) -> int:
        """Return how many households a case is known to touch: accounts, or words without one."""
        known = {one.account_code or f"#{one.caller or one.id}" for one in case.calls}
        return len(known)

    def by_hour(self) -> list[tuple[datetime, int, int]]:
        """Return for each hour of the city's clock the enquiries and the repairs; none left out."""
        counted: Counter[tuple[datetime, str]] = Counter()
        for call in self.calls:
            if call.kind in ("enquiry", "repair") and self.counts(call):
                counted[_hour(call.began_at), call.kind] += 1
        hours = [hour for hour, _kind in counted]
        if not hours:
            return []
        hour, found = min(hours), []
        while hour <= max(hours):
            found.append((hour, counted[hour, "enquiry"], counted[hour, "repair"]))
            hour += timedelta(hours=1)
        return found


def _hour(at: datetime) -> datetime:
    return clock.local(at).replace(minute=0, second=0, microsecond=0)
