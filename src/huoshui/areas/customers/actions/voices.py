"""Supervisors, their findings, and the register of praise and complaint."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import case_types, rules
from huoshui.areas.customers.contracts import FindingTopic, SupervisorKind, VoiceForm, VoiceKind
from huoshui.areas.customers.models import Account, Estate, Supervisor, Voice
from huoshui.areas.customers.refusals import Impossible, NoSuch
from huoshui.kernel import audit, cases, clock, files
from huoshui.kernel.organisation.models import Unit


def add_supervisor(
    name: str,
    *,
    kind: SupervisorKind,
    organisation: str = "",
    phone: str = "",
    from_date: date | None = None,
    until_date: date | None = None,
    by_id: int | None,
) -> Supervisor:
    """Appoint a citizen who watches our service. Refuses a term that ends before it begins."""
    begin = from_date or clock.local(clock.now()).date()
    if until_date is not None and until_date <= begin:
        raise Impossible(_("The term ends before it begins."), _("Correct one of the days."))
    if not name.strip():
        raise Impossible(_("A name is needed."), _("Write the name."))
    with transaction.atomic():
        row = Supervisor.objects.create(
            name=name.strip()[:100], organisation=organisation.strip()[:150], kind=str(kind),
            phone=rules.phone_digits(phone)[:40], from_date=begin, until_date=until_date,
        )  # fmt: skip
        audit.record(
            by_id, "customers.supervisor_added", f"customers.supervisor:{row.pk}",
            {"kind": str(kind)},
        )  # fmt: skip
    return row


def end_supervisor(supervisor_id: int, *, until_date: date, by_id: int | None) -> None:
    """End the term of a supervisor; findings of the past stay."""
    with transaction.atomic():
        row = _supervisor(supervisor_id)
        if until_date <= row.from_date:
            raise Impossible(_("The term ends before it begins."), _("Correct one of the days."))
        row.until_date = until_date
        row.save(update_fields=["until_date"])
        audit.record(
            by_id, "customers.supervisor_ended", f"customers.supervisor:{supervisor_id}",
            {"until_date": until_date.isoformat()},
        )  # fmt: skip


def file_finding(
    supervisor_id: int,
    *,
    topic: FindingTopic,
    text: str,
    owner_id: int,
    estate_code: str = "",
    by_id: int | None,
) -> cases.CaseFact:
    """File what a supervisor found; whoever is named must answer in time, and is rated for it."""
    with transaction.atomic():
        supervisor = _supervisor(supervisor_id)
        estate = Estate.objects.filter(code=estate_code).first() if estate_code else None
        if estate_code and estate is None:
            raise NoSuch(_("Estate"), estate_code)
        links = [("customers.supervisor", str(supervisor.pk))]
        if estate is not None:
            links.append(("customers.estate", estate.code))
        line = " ".join(text.split())
        found = cases.open_case(
            case_types.FINDING,
            line if len(line) <= 60 else f"{line[:59]}…",
            fields={"topic": str(topic), "what": text.strip()[:1000]},
            lon=estate.lon if estate else None,
            lat=estate.lat if estate else None,
            place=estate.name if estate else "",
            owner_id=owner_id,
            links=links,
            person={"name": supervisor.name, "phone": supervisor.phone},
            by_id=by_id,
        )
        audit.record(
            by_id, "customers.finding_filed", f"customers.supervisor:{supervisor.pk}",
            {"code": found.number},
        )  # fmt: skip
    return found


def keep_voice(
    *,
    kind: VoiceKind,
    form: VoiceForm,
    text: str,
    person_id: int | None = None,
    unit_code: str = "",
    from_whom: str = "",
    account_code: str = "",
    order_code: str = "",
    received_at: datetime | None = None,
    photo: Any = None,
    by_id: int | None,
) -> Voice:
    """Register praise or complaint about somebody of our staff, or a unit; a complaint is a case.

    Refuses what is about nobody (`customers.impossible`) and unknown codes (`customers.no_such`).
    """
    now = clock.now()
    unit = Unit.objects.filter(code=unit_code).first() if unit_code else None
    if unit_code and unit is None:
        raise NoSuch(_("Unit"), unit_code)
    if person_id is None and unit is None:
        raise Impossible(
            _("Nobody is named whom it is about."), _("Choose a person or a unit of ours.")
        )
    if not text.strip():
        raise Impossible(_("Nothing was written."), _("Say in a few words what it is about."))
    if received_at is not None and received_at > now:
        raise Impossible(_("It cannot have come in the future."), _("Correct the moment."))
    with transaction.atomic():
        account = Account.objects.filter(code=account_code).first() if account_code else None
        if account_code and account is None:
            raise NoSuch(_("Account"), account_code)
        voice = Voice(
            kind=str(kind), form=str(form), text=text.strip()[:1000],
            from_whom=from_whom.strip()[:100], account=account, person_id=person_id, unit=unit,
            order_code=order_code.strip()[:40], received_at=received_at or now,
            recorded_by_id=by_id,
            photo=files.keep(photo, by_id, "customers.voice") if photo else None,
        )  # fmt: skip
        if kind == VoiceKind.COMPLAINT:
            voice.case_number = _complaint(voice, by_id).number
        voice.save()
        audit.record(
            by_id, "customers.voice_kept", f"customers.voice:{voice.pk}",
            {"kind": str(kind), "unit": unit_code, "assigned_to": person_id},
        )  # fmt: skip
    return voice


def _complaint(voice: Voice, by_id: int | None) -> cases.CaseFact:
    about = ""
    if voice.person_id is not None:
        about = get_user_model().objects.get(pk=voice.person_id).name
    links = [("customers.account", voice.account.code)] if voice.account else []
    line = " ".join(voice.text.split())
    return cases.open_case(
        case_types.COMPLAINT,
        line if len(line) <= 60 else f"{line[:59]}…",
        fields={"what": voice.text, "about": about},
        unit=voice.unit.code if voice.unit else None,
        links=links,
        person={"name": voice.from_whom, "phone": ""},
        opened_at=voice.received_at,
        by_id=by_id,
    )


def _supervisor(supervisor_id: int) -> Supervisor:
    row = Supervisor.objects.select_for_update().filter(pk=supervisor_id).first()
    if row is None:
        raise NoSuch(_("Supervisor"), supervisor_id)
    return row
