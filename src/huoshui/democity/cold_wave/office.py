"""What the office does before, during and at the end of the day: warn, call up, report."""

from __future__ import annotations

from datetime import datetime, timedelta

from huoshui.areas.announcements import contracts as announcements_contracts
from huoshui.areas.announcements import facade as announcements
from huoshui.areas.hotline import contracts as hotline_contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import contracts
from huoshui.areas.surge import facade as surge
from huoshui.democity.cold_wave import words
from huoshui.democity.cold_wave.play import Wave
from huoshui.democity.cold_wave.script import Script
from huoshui.democity.cold_wave.town import Cast
from huoshui.kernel import clock

RISK_LIST, RISK_NAME = "wave-exposed", "寒潮片区外露水表"
NAME = "冻表寒潮"
RUN = "wave-"
CallState = hotline_contracts.CallState
ON_THE_LINE = (CallState.RINGING, CallState.TALKING, CallState.HELD)
ANSWERS_FROM_S, ANSWER_EVERY_S = -290.0, 7.0
WARNED_BEFORE = timedelta(days=3)


def warn(script: Script, cast: Cast) -> str:
    """List all exposed meters, and send the reminder to those whose estate handed its list in.

    Returns the number of the announcement. The people are told by the estate's group besides.
    """
    exposed = [one for one in script.homes if one.is_exposed]
    surge.keep_risk_list(
        code=RISK_LIST,
        name=RISK_NAME,
        entries=[
            contracts.AtRisk(one.account, contracts.RiskReason.EXPOSED_METER) for one in exposed
        ],
        by_id=cast.manager,
    )
    warned = [one.account for one in exposed if one.is_warned]
    way = announcements_contracts.Way
    number = announcements.compose(
        kind=announcements_contracts.Kind.FREEZE,
        title_zh=words.WARNING_TITLE,
        text_zh=words.WARNING_TEXT,
        by_id=cast.manager,
        accounts=warned,
        ways=(way.IN_APP, way.POSTER),
        staff_posts=("service_manager", "dispatcher"),
    )
    announcements.submit(number, by_id=cast.manager)
    surge.mark_warned(
        RISK_LIST, warned, how=contracts.WarnedHow.GROUP, by_id=cast.manager, at=clock.now()
    )
    return number


def declare(cast: Cast, number: str) -> str:
    """Declare the wave for the whole city, and call the crews up; return its code."""
    return surge.declare(
        name=NAME,
        kind=contracts.Kind.COLD,
        from_at=clock.now(),
        by_id=cast.manager,
        risk_list=RISK_LIST,
        announcements=(number,) if number else (),
        parts=("meter_dn15",),
    )


def let_crews_answer(wave: Wave, code: str) -> None:
    """Let each crew answer the call-up from its phone in the last minutes before six."""
    for place, (crew, user) in enumerate(sorted(wave.cast.crews.items())):

        def answer(crew: str = crew, by_id: int = user.pk) -> None:
            wave.ledger.trying(
                "answer", lambda: surge.acknowledge(code, crew_code=crew, by_id=by_id)
            )

        wave.stage.at(ANSWERS_FROM_S + place * ANSWER_EVERY_S, answer)


def hang_up(since: datetime) -> None:
    """End the calls of rehearsals that nobody plays any more; else they ring for hours."""
    now = clock.now()
    for call in hotline.calls(since=since):
        if call.ref.startswith(RUN) and call.state in ON_THE_LINE:
            kind = hotline_contracts.EventKind.ENDED
            ended = hotline_contracts.ToldEvent(str(kind), kind, max(now, call.began_at))
            hotline.take_event(call.ref, ended)
