"""What agents, the dispatcher and the second person do in a cold wave, with what real ones have."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.democity.cold_wave import words
from huoshui.democity.cold_wave.ledger import Ledger
from huoshui.democity.cold_wave.script import REPORTS, Call, Script, Why
from huoshui.democity.cold_wave.stage import Stage
from huoshui.democity.cold_wave.town import Cast
from huoshui.kernel import cases

WRITE_UP_S = 20
HANGS_UP_S = 25
# So many proposals the desk shows; nobody folds with one that is not on the screen.
SHOWN = 3
GIVE_EVERY_S = 120
GIVEN_AT_ONCE = 30
TRY_AGAIN_S = 900
CHECK_EVERY_S = 300
ORIGIN = "hotline.case:"
Kind = contracts.EventKind
# Who takes a call in place of a player: given the call and what would be noted, says if it is left.
LeftTo = Callable[[int, contracts.Noted], bool]


class Telephone:
    """Lets people call, and the agents answer, note and fold."""

    def __init__(self, script: Script, cast: Cast, stage: Stage, ledger: Ledger, run: str) -> None:
        self._script, self._cast, self._stage, self._ledger = script, cast, stage, ledger
        self._run = run
        self._free_s = {extension: float("-inf") for extension, _user in cast.agents}
        self._agent = dict(cast.agents)
        self._keys: dict[int, int] = {}

    def begin(self, from_s: float, until_s: float) -> None:
        """Put every call of a stretch of time on the stage."""
        for call in self._script.calls:
            if from_s <= call.at_s < until_s:
                self._stage.at(call.at_s, lambda call=call: self._ring(call))  # type: ignore[misc]

    def _tell(self, call: Call, kind: contracts.EventKind, at_s: float, extension: str = "") -> int:
        event = contracts.ToldEvent(str(kind), kind, self._stage.moment(at_s), extension)
        return hotline.take_event(f"{self._run}-{call.number}", event, caller_number=call.phone)

    def _ring(self, call: Call) -> None:
        at_s = call.at_s
        extension = min(self._free_s, key=lambda one: self._free_s[one])
        answered_s = max(at_s + call.wait_s, self._free_s[extension] + 2)
        self._keys[call.number] = self._tell(call, Kind.RINGING, at_s, extension)
        if call.why is Why.GIVES_UP:
            gone_s = at_s + call.wait_s + HANGS_UP_S
            self._stage.at(gone_s, lambda: self._told(call, Kind.ENDED, gone_s))
            return
        ended_s = answered_s + call.talk_s
        self._free_s[extension] = ended_s + WRITE_UP_S
        self._stage.at(answered_s, lambda: self._told(call, Kind.ANSWERED, answered_s, extension))
        self._stage.at(ended_s, lambda: self._told(call, Kind.ENDED, ended_s))
        self._stage.at(ended_s + WRITE_UP_S - 5, lambda: self._note(call, extension))

    def _told(
        self, call: Call, kind: contracts.EventKind, at_s: float, extension: str = ""
    ) -> None:
        self._tell(call, kind, at_s, extension)

    def _note(self, call: Call, extension: str) -> None:
        number = self._keys.pop(call.number)
        noted = self.noted(call)
        if call.why in REPORTS and call.trouble is not None:
            noted = self._recognised(call, number, noted)
        by_id = self._agent[extension]

        def note() -> None:
            case = hotline.note_call(number, noted, by_id=by_id)
            self._ledger.noted[str(call.why)] += 1
            if call.why in REPORTS and call.trouble is not None:
                trouble = self._script.troubles[call.trouble]
                self._ledger.folded += bool(noted.fold_with)
                self._ledger.case_of.setdefault(trouble.number, case)
                self._ledger.trouble_of.setdefault(case, trouble)

        self._ledger.trying("note", note)

    def noted(self, call: Call) -> contracts.Noted:
        """Return what an agent writes down of a call before looking what it may be folded with."""
        if call.home is None:
            return contracts.Noted(call.topic, note=call.said)
        lon, lat, zone = self._cast.spot_of(call.home)
        return contracts.Noted(
            call.topic, account_code=call.home.account, person_name=call.home.holder,
            place=call.home.address, lon=lon, lat=lat, estate_code=call.home.estate.code,
            zone_code=zone, note=call.said, answer=call.answer,
        )  # fmt: skip

    def _recognised(self, call: Call, number: int, noted: contracts.Noted) -> contracts.Noted:
        """Fold a call with what it is about where the desk proposes that; else keep it apart."""
        known = self._ledger.case_of.get(call.trouble or 0, "")
        if not known or call.why is Why.FIRST:
            return replace(noted, own_case=True)
        for one in hotline.fold_choices(number, noted)[:SHOWN]:
            if one.case_number == known:
                return replace(noted, fold_with=one.choice)
        self._ledger.not_proposed.append(call.number)
        return replace(noted, own_case=True)


class Dispatcher:
    """Gives each job that waits to the nearest able crew; what no crew can take waits on."""

    def __init__(self, cast: Cast, stage: Stage, ledger: Ledger, *, leave_s: float = 0.0) -> None:
        self._cast, self._stage, self._ledger = cast, stage, ledger
        self._leave_s = leave_s
        self._tried_s: dict[str, float] = {}

    def begin(self, first_s: float) -> None:
        """Look at the board every few minutes from a moment on."""
        self._stage.every(GIVE_EVERY_S, self._give_all, first_s=first_s + 60)

    def _give_all(self) -> None:
        now_s, given = self._stage.now_s, 0
        known = fieldwork.waits()
        for job in fieldwork.waiting_jobs():
            case = job.origin.removeprefix(ORIGIN)
            since_s = self._stage.seconds(job.requested_at)
            if case not in self._ledger.trouble_of or now_s - since_s < self._leave_s:
                continue
            # Who reads on the board that no crew is able does not try; who tried in vain since the
            # board looked last waits until it looked again.
            wait, tried_s = known.get(job.number), self._tried_s.get(job.number, float("-inf"))
            if wait is not None and wait.faults:
                continue
            if wait is not None and self._stage.seconds(wait.looked_at) <= tried_s:
                continue
            if wait is None and now_s - tried_s < TRY_AGAIN_S:
                continue
            self._tried_s[job.number] = now_s
            self._ledger.trying("give", lambda number=job.number: self._give(number))  # type: ignore[misc]
            given += 1
            if given >= GIVEN_AT_ONCE:
                return

    def _give(self, number: str) -> None:
        crews = fieldwork.able_crews(number)
        able = [one for one in crews if not one.faults]
        if not able:
            nearest = next((one for one in crews if one.arrive_at is not None), None)
            self._ledger.waits[number] = nearest.faults if nearest else ("shift",)
            return
        # Of those who are there soon, who has least to do: the next job comes in a minute.
        chosen = min(able[:6], key=lambda one: (one.waiting, one.drive_s or 0))
        fieldwork.give_to_crew(number=number, crew_code=chosen.code, by_id=self._cast.dispatcher)
        self._ledger.waits.pop(number, None)
        self._ledger.given[number] = self._stage.now_s


class SecondPerson:
    """Looks at each report after a while, closes the job, and lets everybody be called back."""

    def __init__(self, cast: Cast, stage: Stage, ledger: Ledger, seed: int) -> None:
        self._cast, self._stage, self._ledger = cast, stage, ledger
        self._dice = random.Random(seed)

    def follow(self, number: str, case: str) -> None:
        """Close a job that was just reported, some minutes from now."""
        self._stage.after(self._dice.randint(300, 900), lambda: self._close(number, case))

    def _close(self, number: str, case: str) -> None:
        def close() -> None:
            fieldwork.close_job(number=number, by_id=self._cast.dispatcher)
            self._ledger.closed += 1

        if self._ledger.trying("close", close) and case:
            self._stage.after(self._dice.randint(2400, 5400), lambda: self._call_back(case))

    def _call_back(self, case: str) -> None:
        _extension, agent = self._dice.choice(self._cast.agents)
        note = self._dice.choice(words.CALLED_BACK)
        score = 5 if self._dice.random() < 0.85 else 4
        fact = cases.case(case)
        if fact is None or fact.state != "call_back":
            # Events take a moment; or somebody called back already.
            if fact is not None and fact.is_open:
                self._stage.after(CHECK_EVERY_S, lambda: self._call_back(case))
            return
        members = hotline.callers_waiting(case)

        def call_back() -> None:
            for member in members:
                hotline.call_back_caller(member, score=score, note=note, by_id=agent)
            if not members:
                cases.call_back(case, True, score=score, note=note, by_id=agent)
            self._ledger.called_back += max(1, len(members))

        self._ledger.trying("call_back", call_back)
