"""From a draft to people: handing in, the second person, queuing, taking back, trying again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import (
    audience,
    channels,
    contracts,
    models,
    outbox,
    refusals,
    rules,
    setups,
    wording,
)
from huoshui.areas.announcements.actions.composing import draft, gather, locked, subject
from huoshui.areas.announcements.contracts import DeliveryState, State, Way
from huoshui.kernel import audit, clock, events, jobs, notices

ROWS_AT_ONCE = 2_000
PERMISSION_TO_RELEASE = "announcements.release"
NOTICE_SHOWN = timedelta(days=3)
COUNTED_TOGETHER = timedelta(days=1)


def submit(number: str, *, by_id: int | None) -> models.Announcement:
    """Hand a draft in. A small one is released at once, a mass notice waits for a second person.

    Refuses with `announcements.words_impossible`, `announcements.nobody_chosen`,
    `announcements.channel_off`, and where people have to be gathered as `gather` does.
    """
    row = models.Announcement.objects.filter(number=number).first()
    if row is None:
        raise refusals.NoSuchAnnouncement(number)
    _check_words(row)
    if audience.needs_people(row) and row.gathered_at is None:
        if not audience.is_chosen(row):
            raise refusals.NobodyChosen
        gather(number, by_id=by_id)
    with transaction.atomic():
        row = draft(number)
        _check_channels(row)
        now = clock.now()
        row.submitted_at, row.submitted_by_id = now, by_id
        missing = rules.missing_notice(row.kind, row.from_at, row.until_at, told_at=now)
        row.late_by_s = int(missing.total_seconds())
        row.state = State.WAITING
        row.answer = ""
        row.save()
        detail: dict[str, object] = {"people": row.people_total or 0}
        if row.late_by_s:
            detail["late_by_s"] = row.late_by_s
        audit.record(by_id, "announcements.handed_in", subject(row), detail)
        if is_mass(row):
            _tell_those_who_release(row)
        else:
            _release(row, by_id=by_id, approved_by_id=None)
    return row


def is_mass(row: models.Announcement) -> bool:
    """Tell whether an announcement goes to so many people that a second person releases it."""
    if not audience.needs_people(row):
        return False
    by_id = row.submitted_by_id or row.composed_by_id
    return (row.people_total or 0) + told_alone(by_id) >= mass_limit(by_id)


def told_alone(by_id: int | None) -> int:
    """Return how many people somebody let be told within a day without a second person.

    What is told in parts counts as a whole: cutting a mass notice into small ones avoids nobody.
    """
    mine = models.Announcement.objects.filter(
        submitted_by_id=by_id,
        approved_by__isnull=True,
        released_at__gt=clock.now() - COUNTED_TOGETHER,
    )
    ways = mine.values_list("ways", "people_total")
    return sum(
        people or 0 for chosen, people in ways if any(way in rules.PERSONAL_WAYS for way in chosen)
    )


def mass_limit(by_id: int | None) -> int:
    """Return from how many people on somebody needs a second person.

    Whoever raised the limit last keeps to the one before: nobody gives themselves leave.
    """
    house = outbox.house_rules()
    if by_id and house.mass_raised_by_id == by_id and house.mass_from_before is not None:
        return min(house.mass_from, house.mass_from_before)
    return house.mass_from


def _check_words(row: models.Announcement) -> None:
    problems: list[str] = []
    if not row.title_zh or not row.text_zh:
        problems.append(gettext("Title and text in Chinese are needed."))
    text = row.title_zh + row.text_zh
    known = {**wording.values(row), "name": "-", "account": "-"}
    empty = [one for one in rules.VARIABLE.findall(text) if not known.get(one)]
    if empty:
        names = ", ".join(f"{{{one}}}" for one in dict.fromkeys(empty))
        problems.append(
            gettext("The text uses %(names)s, which is not filled in.") % {"names": names}
        )
    if row.kind == contracts.Kind.PLANNED_OUTAGE and row.from_at is None:
        problems.append(gettext("A planned outage needs its beginning."))
    if row.until_at is not None and row.until_at <= clock.now():
        problems.append(gettext("Its end is past."))
    if problems:
        raise refusals.WordsImpossible(problems)


def _check_channels(row: models.Announcement) -> None:
    if not row.ways:
        raise refusals.NoChannel
    standing = setups.standing()
    for way in audience.personal_ways(row):
        if not standing[way].is_ready:
            raise refusals.ChannelOff(way)
    if audience.needs_people(row) and not row.people_total:
        raise refusals.NobodyChosen


def _tell_those_who_release(row: models.Announcement) -> None:
    from huoshui.kernel.accounts import permissions

    posts = [one for one in permissions.declared() if one.code == PERMISSION_TO_RELEASE]
    notices.send(
        posts=sorted(posts[0].posts) if posts else (),
        title=_("Announcement %(number)s waits for a second person"),
        text="%(title)s",
        values={"number": row.number, "title": row.title_zh},
        url=f"/announcements/{row.number}/",
        level="warning" if row.is_urgent else "info",
        key=f"announcements.waiting:{row.number}:{row.submitted_at:%s}",
    )


def release(number: str, *, by_id: int) -> models.Announcement:
    """Release an announcement that waits: another person than the one who handed it in. Audited.

    Publishes `AnnouncementReleased`. Refuses with `announcements.not_in_this_state`,
    `announcements.second_person_needed`, `announcements.words_impossible`,
    `announcements.channel_off`.
    """
    with transaction.atomic():
        row = locked(number)
        if row.state != State.WAITING:
            raise refusals.NotInThisState(number, row.state)
        if by_id in (row.submitted_by_id, row.composed_by_id, *row.edited_by):
            raise refusals.SecondPersonNeeded(row.people_total or 0, outbox.house_rules().mass_from)
        # It may have waited past its own end.
        _check_words(row)
        _check_channels(row)
        _release(row, by_id=by_id, approved_by_id=by_id)
    return row


def _release(row: models.Announcement, *, by_id: int | None, approved_by_id: int | None) -> None:
    now = clock.now()
    row.approved_by_id, row.released_at = approved_by_id, now
    row.state = State.QUEUING if audience.needs_people(row) else State.DONE
    if row.state == State.DONE:
        row.ended_at = now
    row.save()
    audit.record(by_id, "announcements.released", subject(row), {"people": row.people_total or 0})
    events.publish(
        contracts.AnnouncementReleased(number=row.number, kind=row.kind, at=now, by_id=by_id)
    )
    if Way.IN_APP in row.ways:
        _tell_staff(row, now)
    if row.state == State.QUEUING:
        pk = row.pk
        transaction.on_commit(lambda: queue_in_background.enqueue(pk))


def staff_key(row: models.Announcement) -> str:
    """Return the key of the notice that tells staff."""
    return f"announcements.told:{row.number}"


def _tell_staff(row: models.Announcement, now: datetime) -> None:
    chinese, english = wording.for_everybody(row), wording.for_everybody(row, english=True)

    def said(part: str) -> object:
        from huoshui.kernel.pages import formats

        return lambda: getattr(chinese if formats.chinese() else english, part)

    notices.send(
        posts=row.staff_posts,
        title=said("title"),
        text=said("text"),
        url=f"/announcements/{row.number}/",
        level="warning" if row.is_urgent else "info",
        key=staff_key(row),
        expires_at=row.until_at or now + NOTICE_SHOWN,
    )


@jobs.task(label=_("Queue the messages of an announcement"))  # type: ignore[untyped-decorator]
def queue_in_background(announcement_id: int) -> None:
    """Queue in the worker; begun again after a crash it goes on where it was."""
    queue(announcement_id)


def queue(announcement_id: int) -> int:
    """Make the row of the outbox for each person and channel; return how many are to leave.

    Nothing is sent before all are there. What was made before a crash stays as it is.
    """
    row = models.Announcement.objects.get(pk=announcement_id)
    if row.state != State.QUEUING:
        return 0
    ways = audience.personal_ways(row)
    declined = audience.opted_out()
    people = models.Recipient.objects.filter(announcement=row, leader__isnull=True)
    total, done, after = people.count(), 0, 0
    while batch := list(people.filter(pk__gt=after).order_by("pk")[:ROWS_AT_ONCE]):
        jobs.progress(done, total)
        rows = [one for person in batch for one in _deliveries(row, person, ways, declined)]
        with transaction.atomic():
            models.Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)
        after, done = batch[-1].pk, done + len(batch)
    with transaction.atomic():
        # Taken back in the meantime: the rows stay as proof, and none of them leaves.
        if not models.Announcement.objects.filter(pk=row.pk, state=State.QUEUING).update(
            state=State.SENDING
        ):
            _stop_messages(row.pk)
            return 0
    jobs.progress(total, total)
    return models.Delivery.objects.filter(announcement=row, state=DeliveryState.QUEUED).count()


def _deliveries(
    row: models.Announcement,
    person: models.Recipient,
    ways: list[str],
    declined: set[tuple[str, str]],
) -> list[models.Delivery]:
    found: list[models.Delivery] = []
    reached = False
    for way in ways:
        address = channels.KNOWN[way].address(person.phone, person.wechat, person.email)
        state, reason = DeliveryState.QUEUED, ""
        if not address:
            state, reason = DeliveryState.LEFT_OUT, rules.NO_ADDRESS
        elif way in person.opted_out.split(",") or (way, address) in declined:
            state, reason = DeliveryState.LEFT_OUT, rules.OPTED_OUT
        elif reached and row.first_way_only:
            state = DeliveryState.HELD
        else:
            reached = True
        found.append(
            models.Delivery(
                announcement_id=row.pk, recipient_id=person.pk, way=way, state=state, reason=reason
            )
        )
    return found


def give_back(number: str, *, by_id: int, reason: str) -> None:
    """Give an announcement that waits back to its composer, as a draft. Audited.

    Refuses with `announcements.reason_missing` and `announcements.not_in_this_state`.
    """
    if not reason.strip():
        raise refusals.ReasonMissing
    with transaction.atomic():
        row = locked(number)
        if row.state != State.WAITING:
            raise refusals.NotInThisState(number, row.state)
        row.state, row.answer = State.DRAFT, reason.strip()[:300]
        row.save(update_fields=["state", "answer"])
        audit.record(by_id, "announcements.given_back", subject(row), {"reason": row.answer})
        notices.send(
            users=[one for one in (row.submitted_by_id,) if one],
            title=_("Announcement %(number)s was given back"),
            text="%(reason)s",
            values={"number": row.number, "reason": row.answer},
            url=f"/announcements/{row.number}/",
        )


def recall(number: str, *, by_id: int | None, reason: str) -> int:
    """Take an announcement back: what has not left stays here, pages no longer show it. Audited.

    Returns how many messages were stopped. Publishes `AnnouncementRecalled`. Refuses with
    `announcements.reason_missing` and `announcements.not_in_this_state`.
    """
    if not reason.strip():
        raise refusals.ReasonMissing
    with transaction.atomic():
        row = locked(number)
        if row.state not in (*rules.RELEASED, State.WAITING):
            raise refusals.NotInThisState(number, row.state)
        now = clock.now()
        row.state, row.recalled_at, row.recalled_by_id = State.RECALLED, now, by_id
        row.recall_reason = reason.strip()[:300]
        row.save()
        stopped = _stop_messages(row.pk)
        notices.withdraw(staff_key(row))
        detail = {"reason": row.recall_reason, "stopped": stopped}
        audit.record(by_id, "announcements.recalled", subject(row), detail)
        events.publish(
            contracts.AnnouncementRecalled(number=row.number, kind=row.kind, at=now, by_id=by_id)
        )
    return stopped


def _stop_messages(announcement_id: int) -> int:
    waiting = models.Delivery.objects.filter(
        announcement_id=announcement_id, state__in=(DeliveryState.QUEUED, DeliveryState.HELD)
    )
    return waiting.update(state=DeliveryState.CANCELLED, reason="recalled", next_at=None)


def retry_failed(number: str, *, by_id: int | None, also_uncertain: bool = False) -> int:
    """Queue failed messages again; return how many. Audited.

    A message of which it is not known whether it went out is sent again only on purpose, because
    its reader may then have it twice. What it cost before stays counted. Refuses with
    `announcements.not_in_this_state` and, once it is over, `announcements.words_impossible`.
    """
    with transaction.atomic():
        row = locked(number)
        if row.state not in (State.SENDING, State.DONE):
            raise refusals.NotInThisState(number, row.state)
        if row.until_at is not None and row.until_at <= clock.now():
            raise refusals.WordsImpossible([gettext("Its end is past.")])
        failed = models.Delivery.objects.filter(announcement=row, state=DeliveryState.FAILED)
        if row.first_way_only:
            # Reached over the next channel in the meantime: once is enough.
            told = models.Delivery.objects.filter(announcement=row, state__in=rules.GOT_THROUGH)
            failed = failed.exclude(recipient__in=told.values("recipient"))
        if not also_uncertain:
            failed = failed.exclude(reason=rules.OUTCOME_UNKNOWN)
        count = failed.update(
            state=DeliveryState.QUEUED,
            reason="",
            reason_text="",
            round=F("round") + 1,
            attempts=0,
            next_at=None,
            uncertain_at=None,
            provider_id="",
        )
        if count:
            row.state, row.ended_at = State.SENDING, None
            row.save(update_fields=["state", "ended_at"])
            audit.record(by_id, "announcements.sent_again", subject(row), {"messages": count})
    return count


def forget_old_addresses(_due_at: datetime | None = None) -> int:
    """Empty names and contact data of recipients that are old enough; return how many.

    Of what was never released the recipients are forgotten whole: they can be gathered again.
    """
    before = clock.now() - timedelta(days=outbox.house_rules().keep_days)
    idle = models.Announcement.objects.filter(released_at__isnull=True, gathered_at__lt=before)
    for row in idle.exclude(state=State.WAITING):
        with transaction.atomic():
            row.recipients.all().delete()
            models.Announcement.objects.filter(pk=row.pk).update(
                gathered_at=None, people_total=None, accounts_total=0, counted={}
            )
    old = models.Recipient.objects.filter(announcement__released_at__lt=before).exclude(
        name="", phone="", wechat="", email=""
    )
    return old.update(name="", phone="", wechat="", email="")
