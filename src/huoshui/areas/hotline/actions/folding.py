"""Fold calls about the same thing into one incident, take them apart again, call everybody back."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.hotline import contracts, refusals, rules
from huoshui.areas.hotline.models import Call, Incident, IncidentCall, Topic
from huoshui.areas.hotline.queries import incidents as queries
from huoshui.areas.hotline.queries.pop import ACCOUNT
from huoshui.kernel import audit, cases, clock, events, settings

SCORE_CONTENT_FROM = 4


def alone_with(call: Call, topic: Topic) -> str:
    """Return with what a call is folded without asking: where enough people called already."""
    enough = settings.get().calls_fold_alone_from
    if not enough:
        return ""
    spot = queries.Spot(
        call.lon, call.lat, call.estate_code, call.zone_code,
        queries.connection_of(call.account_code),
    )  # fmt: skip
    for one in queries.similar(topic, spot, at=clock.now(), but_call=call.pk):
        if one.callers >= enough and one.topic.pk == topic.pk:
            return one.choice
    return ""


@transaction.atomic
def fold_call(call: Call, choice: str, *, by_id: int | None) -> Incident:
    """Fold a call into an incident, or together with one earlier call into a new one.

    ``choice`` is ``incident:ID`` or ``call:ID``. Refuses an incident that is over, and a call that
    is part of one already. The caller is kept, and called back when the thing is done.
    """
    kind, _colon, key = choice.partition(":")
    if kind not in ("incident", "call") or not rules.is_key(key):
        raise refusals.NeedsValue("fold_with", _("Choose what to fold the call with."))
    if IncidentCall.objects.filter(call=call, unfolded_at__isnull=True).exists():
        raise refusals.NotNow(_("This call is part of an incident already."), call=call.pk)
    incident = _incident(int(key)) if kind == "incident" else _begun_with(int(key), by_id)
    _join(incident, call, by_id)
    call.case_number = incident.case_number
    call.save(update_fields=["case_number"])
    fact = cases.case(incident.case_number)
    if call.account_code and fact is not None and fact.is_open:
        cases.edit(fact.number, by_id=None, links=((ACCOUNT, call.account_code),))
    callers = incident.members.filter(unfolded_at__isnull=True).count()
    audit.record(
        by_id, "hotline.call_folded", f"hotline.call:{call.pk}",
        {"incident": incident.pk, "case": incident.case_number},
    )  # fmt: skip
    events.publish(
        contracts.CallsFolded(
            incident_id=incident.pk, call_id=call.pk, case_number=incident.case_number,
            callers=callers, at=clock.now(), by_id=by_id,
        )
    )  # fmt: skip
    return incident


def _incident(incident_id: int) -> Incident:
    found = Incident.objects.select_for_update(of=("self",)).filter(pk=incident_id).first()
    if found is None:
        raise refusals.NoSuch("incident", incident_id)
    if found.closed_at is not None:
        raise refusals.NotNow(_("This incident is over."), incident=incident_id)
    return found


def _begun_with(call_id: int, by_id: int | None) -> Incident:
    """Return a new incident that an earlier call leads, or the one it has come into since."""
    first = Call.objects.select_related("topic").filter(pk=call_id).first()
    if first is None or first.topic is None or not first.case_number:
        raise refusals.NoSuch("call", call_id)
    already = IncidentCall.objects.filter(call=first, unfolded_at__isnull=True).first()
    if already is not None:
        return _incident(already.incident_id)
    incident = Incident.objects.create(
        topic=first.topic,
        case_number=first.case_number,
        lon=first.lon,
        lat=first.lat,
        estate_code=first.estate_code,
        zone_code=first.zone_code,
        place=first.place,
        opened_at=clock.now(),
    )
    _join(incident, first, by_id)
    return incident


def _join(incident: Incident, call: Call, by_id: int | None) -> None:
    IncidentCall.objects.create(
        incident=incident, call=call, folded_at=clock.now(), folded_by_id=by_id
    )


@transaction.atomic
def unfold_call(call_id: int, *, by_id: int) -> Call:
    """Take a caller out of an incident again; a repair of theirs becomes a case of its own.

    Refuses the caller with whom the incident began while others are in it.
    """
    row = (
        IncidentCall.objects.select_for_update(of=("self",))
        .select_related("call", "call__topic", "incident")
        .filter(call_id=call_id, unfolded_at__isnull=True)
        .first()
    )
    if row is None:
        raise refusals.NotNow(_("This call is part of no incident."), call=call_id)
    call, incident = row.call, row.incident
    others = incident.members.filter(unfolded_at__isnull=True).exclude(pk=row.pk)
    leads = not others.filter(call__began_at__lt=call.began_at).exists()
    if leads and others.exists():
        raise refusals.NotNow(
            _("The others were folded with this call; take them out first."), call=call_id
        )
    now = clock.now()
    row.unfolded_at = now
    row.save(update_fields=["unfolded_at"])
    if leads:
        incident.closed_at = now
        incident.save(update_fields=["closed_at"])
    elif call.topic is not None:
        call.case_number = _own_case(call, call.topic, by_id)
        call.save(update_fields=["case_number"])
    audit.record(
        by_id, "hotline.call_unfolded", f"hotline.call:{call.pk}", {"incident": incident.pk}
    )
    return call


def _own_case(call: Call, topic: Topic, by_id: int) -> str:
    from huoshui.areas.hotline.actions import wrapping

    noted = contracts.Noted(topic.code, send_now=False, follow_up=True)
    return wrapping.open_case_of(call, topic, noted, by_id=by_id)


@transaction.atomic
def say_known(incident_id: int, known: str, *, by_id: int | None) -> None:
    """Say what the next caller is told of an incident."""
    incident = _incident(incident_id)
    incident.known = known.strip()[:1000]
    incident.save(update_fields=["known"])
    audit.record(
        by_id, "hotline.incident_known", f"hotline.incident:{incident_id}", {"known": known[:300]}
    )


@transaction.atomic
def call_back_member(member_id: int, *, score: int, note: str = "", by_id: int) -> None:
    """Keep what one caller of an incident said when called back.

    One who is not content takes the leading case up again at once; when everybody was reached it is
    closed with the lowest score. Refuses while the leading case is not done on site.
    """
    row = (
        IncidentCall.objects.select_for_update(of=("self",))
        .select_related("incident")
        .filter(pk=member_id, unfolded_at__isnull=True)
        .first()
    )
    if row is None:
        raise refusals.NoSuch("caller", member_id)
    number = row.incident.case_number
    fact = cases.case(number)
    if fact is None or fact.state != "call_back" or row.called_back_at is not None:
        raise refusals.NotNow(_("There is nobody to call back here now."), case=number)
    if not 1 <= score <= 5:
        raise refusals.NeedsValue("score", _("Give 1 to 5 points."))
    row.called_back_at, row.called_back_by_id = clock.now(), by_id
    row.score, row.note = score, note.strip()[:300]
    row.save()
    audit.record(
        by_id, "hotline.caller_called_back", f"hotline.call:{row.call_id}", {"score": score}
    )
    standing = row.incident.members.filter(unfolded_at__isnull=True)
    if score < SCORE_CONTENT_FROM:
        cases.call_back(number, False, score=score, note=row.note, by_id=by_id)
    elif not standing.filter(called_back_at__isnull=True).exists():
        scores = standing.filter(score__isnull=False).values_list("score", flat=True)
        lowest = min((one for one in scores if one is not None), default=score)
        cases.call_back(number, True, score=lowest, note=row.note, by_id=by_id)


def follow_case_end(number: str) -> None:
    """End the incident of a case that was closed; repeating it changes nothing."""
    Incident.objects.filter(case_number=number, closed_at__isnull=True).update(
        closed_at=clock.now()
    )


@transaction.atomic
def follow_case_again(number: str) -> None:
    """Take an incident up with its case; everybody is to be called back once more."""
    rows = Incident.objects.filter(case_number=number)
    rows.update(closed_at=None)
    IncidentCall.objects.filter(incident__in=rows).update(
        called_back_at=None, called_back_by=None, score=None
    )
