"""The page of one case: where it stands, its deadlines, its history, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, slots
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring, moving, queries, reading
from huoshui.kernel.cases.models import Case, CaseClockRun
from huoshui.kernel.cases.web import addresses, offers, seen, shown, timeline
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import kit


class CasePage(kit.DetailPage):
    """One case."""

    permission = permissions.SIGNED_IN
    template = "cases/case.html"
    slot = "cases.case.panels"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Case:
        """Return the case; refuses with `cases.unknown_case`."""
        return seen.case_or_refusal(request.user, kwargs["number"])

    @cached_property
    def shows_person(self) -> bool:
        """Whether the reader asked for personal data in full, which only a POST does."""
        return False

    def heading(self, request: HttpRequest, obj: Case) -> str:
        """Return number and title."""
        return f"{obj.number} {obj.title}"

    def badges(self, request: HttpRequest, obj: Case) -> Sequence[SafeString]:
        """Show the state, how pressing it is, and what remains."""
        found = [shown.state_badge(obj)]
        if obj.priority < declaring.PRIORITIES["normal"]:
            found.append(kit.badge(*shown.PRIORITY_BADGES[obj.priority]))
        if shown.left_of(obj).tone == "bad":
            found.append(kit.badge(gettext("Late"), "red"))
        if obj.paused_for:
            found.append(kit.badge(gettext("Paused"), "secondary"))
        if obj.reopened_count:
            times = ngettext("Reopened once", "Reopened %(n)s times", obj.reopened_count)
            times %= {"n": obj.reopened_count}
            found.append(kit.badge(times, "orange"))
        return found

    def trail(self, request: HttpRequest, obj: Case) -> Sequence[tuple[Any, str]]:
        """Lead back to the list of its kind."""
        known = declaring.case_type(obj.type_code)
        if known is None:
            return ((_("Cases"), addresses.list_url()),)
        return ((known.name, addresses.list_url(known.code)),)

    def actions(self, request: HttpRequest, obj: Case) -> Sequence[SafeString]:
        """Offer the steps of this state first, then what may be done in any.

        Where the caller waits to be called back, that comes first and alone has a colour.
        """
        known = declaring.case_type(obj.type_code)
        found = _call_back_button(request, obj)
        awaited = bool(found)
        for step in moving.possible(request.user, obj):  # type: ignore[arg-type]
            to = known.state(step.to) if known else None
            found.append(
                kit.link_button(
                    step.label,
                    addresses.deed_url("step", obj.number, step.code),
                    colour=offers.colour_of(to) if to and not awaited else "",
                )
            )
        return (*found, *_other_deeds(request, obj))

    def facts(self, request: HttpRequest, obj: Case) -> Sequence[kit.Section]:
        """Say what, where, who and since when, then the fields of its kind."""
        unit = tree.on().nodes.get(obj.unit_id or 0)
        channel = reading.label_in(obj.type_code, "channels", obj.channel)
        opened_by = obj.opened_by or _("the system")
        about = [
            kit.Fact(_("Kind"), reading.type_label(obj.type_code)),
            *([kit.Fact(_("Where"), obj.place)] if obj.place else []),
            *([kit.Fact(_("How it came in"), channel)] if obj.channel else []),
            kit.Fact(_("Opened"), obj.opened_at, format="moment", note=opened_by),
            *([kit.Fact(_("Closed"), obj.closed_at, format="moment")] if obj.closed_at else []),
        ]
        people = [
            kit.Fact(_("Responsible"), obj.owner),
            kit.Fact(_("Unit"), unit.name if unit else None),
            kit.Fact(_("In this state since"), obj.state_since_at, format="moment"),
        ]
        if obj.score is not None or obj.content is not None:
            people.append(
                kit.Fact(
                    pgettext_lazy("call-back", "Content"),
                    timeline.content_words(obj.content, obj.score),
                )
            )
        sections = [kit.Section(_("Case"), about), kit.Section(_("Responsibility"), people)]
        fields = field_facts(obj, masked=not self.shows_person)
        if fields:
            sections.append(kit.Section(_("Details"), fields))
        return sections

    def slot_values(self, request: HttpRequest, obj: Case) -> dict[str, Any]:
        """Give the case to those who have something to say about it."""
        return {"case": reading.fact_of(obj)}

    def context(self, request: HttpRequest, obj: Case) -> dict[str, Any]:
        """Add deadlines, the timeline, relations, links and whoever raised it."""
        person = reading.person_of(obj, masked=not self.shows_person)
        has_private = person is not None or any(
            one.masked for one in reading.fields_of(obj, masked=True)
        )
        return {
            "number": obj.number,
            "clocks": clocks_of(obj),
            "pause": pause_of(obj),
            "steps": timeline.lines(obj),
            "relations": relations_of(request.user, obj),
            "links_html": links_html(request, obj),
            "place_html": place_html(request, obj),
            "person": person,
            "unmask_url": addresses.deed_url("unmask", obj.number)
            if has_private and not self.shows_person and reading.may_unmask(request.user, obj)  # type: ignore[arg-type]
            else "",
            "may_relate": seen.may(request.user, obj, "relate"),
        }


class Unmasked(CasePage):
    """One case with its personal data in full, after a reader asked, which is recorded."""

    @cached_property
    def shows_person(self) -> bool:
        """Yes."""
        return True

    def respond(self) -> Any:
        """Record the reading, then show; by GET nothing is shown in full."""
        from django.db import transaction
        from django.http import HttpResponseRedirect

        number = self.kwargs["number"]
        if self.request.method != "POST":
            return HttpResponseRedirect(addresses.case_url(number))
        row = seen.case_or_refusal(self.request.user, number)
        with transaction.atomic():
            reading.unmask(self.request.user, row)  # type: ignore[arg-type]
        response = super().respond()
        response["Cache-Control"] = "no-store"
        return response


def _call_back_button(request: HttpRequest, obj: Case) -> list[SafeString]:
    """Return the button to call back, where the state of a case asks for it."""
    known = declaring.case_type(obj.type_code)
    asked = known.call_back if known else None
    if asked is None or obj.merged_into_id or obj.state not in asked.from_:
        return []
    if not seen.may(request.user, obj, asked.permission):
        return []
    url = addresses.deed_url("call-back", obj.number)
    return [kit.link_button(_("Call back"), url, icon="phone", colour="primary")]


def _other_deeds(request: HttpRequest, obj: Case) -> list[SafeString]:
    """Return the buttons for what is not a step of the kind's own."""
    known = declaring.case_type(obj.type_code)
    if known is None:
        return []
    standing = obj.state_kind in (declaring.OPEN, declaring.WAITING)
    reopen = known.reopen
    closed = obj.state_kind in declaring.CLOSED_KINDS
    again = bool(reopen and closed and not obj.merged_into_id)
    wanted = [
        ("reopen", _("Reopen"), "arrow-back-up", again, reopen and reopen.permission),
        ("give", _("Give to somebody"), "user-check", standing, "assign"),
        ("note", _("Add a note"), "message", True, "note"),
        ("edit", _("Change details"), "edit", standing, "edit"),
        ("pause", _("Stop the clocks"), "player-pause", may_pause(known, obj), "pause"),
        ("resume", _("Let the clocks go on"), "player-play", bool(obj.paused_for), "pause"),
    ]
    found = [
        kit.link_button(label, addresses.deed_url(deed, obj.number), icon=icon)
        for deed, label, icon, fits, short in wanted
        if fits and seen.may(request.user, obj, str(short))
    ]
    if known.state(obj.state) is None and permissions.holds(request.user, "cases.mend"):
        url = addresses.deed_url("mend", obj.number)
        found.append(kit.link_button(_("Bring into the present"), url, icon="tool"))
    url = addresses.deed_url("print", obj.number)
    return [*found, kit.link_button(_("Print"), url, icon="file-text")]


def may_pause(known: declaring.CaseType, obj: Case) -> bool:
    """Tell whether there are clocks of a case that could be stopped."""
    standing = obj.state_kind in (declaring.OPEN, declaring.WAITING)
    return bool(standing and known.pauses and not obj.paused_for)


def field_facts(obj: Case, *, masked: bool) -> list[kit.Fact]:
    """Return the fields of a case as labelled values; photos stand in the timeline."""
    fields = reading.fields_of(obj, masked=masked)
    people = shown.people_named(
        int(one.value) for one in fields if one.kind == "person" and one.value and not one.masked
    )
    found = []
    for one in fields:
        if one.kind == "photo":
            continue
        value = one.value if one.masked else shown.value_text(one.kind, one.value, one.unit, people)
        note = _("no longer part of this kind of case") if one.gone else ""
        found.append(kit.Fact(one.label, value, note=note))
    return found


def clocks_of(obj: Case) -> list[dict[str, Any]]:
    """Return the deadlines of a case, those that run first."""
    now = clock.now()
    rows = CaseClockRun.objects.filter(case=obj).order_by("-round", "stopped_at", "id")
    return [
        _clock(obj, one, now) for one in sorted(rows, key=lambda one: one.stopped_at is not None)
    ]


def _clock(obj: Case, run: CaseClockRun, now: datetime) -> dict[str, Any]:
    label = reading.label_in(obj.type_code, "clocks", run.clock)
    share, tone = _used(run, now)
    return {
        "label": label,
        "text": _clock_text(run, now),
        "due_at": run.due_at,
        "limit": timeline.limit_words(run.limit_amount, run.limit_unit),
        "share": share,
        "tone": tone,
        "running": run.stopped_at is None,
        "stopped_at": run.stopped_at,
        "round": run.round,
    }


def _used(run: CaseClockRun, now: datetime) -> tuple[float | None, str]:
    """Return which share of a deadline is used, and how pressing that is."""
    if run.overtaken:
        return None, "none"
    if run.stopped_at is not None:
        return None, "bad" if run.late else "good"
    if run.due_at is None:
        return None, "paused"
    whole = (run.due_at - run.started_at).total_seconds()
    share = min(1.0, (now - run.started_at).total_seconds() / whole) if whole > 0 else 1.0
    if now >= run.due_at:
        return share, "bad"
    return share, "warning" if run.warn_at is not None and run.warn_at <= now else "good"


def _clock_text(run: CaseClockRun, now: datetime) -> str:
    if run.overtaken:
        return gettext("No longer counts")
    if run.stopped_at is not None:
        return gettext("Missed") if run.late else gettext("Kept")
    if run.due_at is None:
        return gettext("Stands still, %(left)s left") % {
            "left": timeline.remaining_words(run.left, run.limit_unit)
        }
    if now >= run.due_at:
        return gettext("%(time)s late") % {"time": shown.rough(now - run.due_at)}
    return gettext("%(time)s left") % {"time": shown.rough(run.due_at - now)}


def pause_of(obj: Case) -> dict[str, Any] | None:
    """Return why and since when the clocks stand still."""
    row = obj.pauses.filter(until_at__isnull=True).select_related("by").first()
    if row is None:
        return None
    reason = reading.label_in(obj.type_code, "pauses", row.reason)
    return {"reason": reason, "note": row.note, "from_at": row.from_at, "by": row.by}


def relations_of(user: Any, obj: Case) -> list[dict[str, Any]]:
    """Return the cases that hang together with this one; of those not seen, the number alone."""
    found = []
    for one in obj.relations.select_related("other").order_by("id"):
        found.append(_related(user, obj.number, one.how, one.other, back=False))
    for one in obj.related_from.select_related("case").order_by("id"):
        found.append(_related(user, one.case.number, one.how, one.case, back=True))
    return found


def _related(user: Any, number: str, how: str, other: Case, *, back: bool) -> dict[str, Any]:
    may = queries.may_read(user, other)
    return {
        "label": reading.relation_label(how, back=back),
        "number": other.number,
        "title": other.title if may else "",
        "url": addresses.case_url(other.number) if may else "",
        "state": shown.state_badge(other) if may else "",
        "from": number,
        "how": how,
        "to": other.number if not back else "",
        "back": back,
    }


def links_html(request: HttpRequest, obj: Case) -> list[dict[str, Any]]:
    """Return what a case is about: each link as the area that owns its kind shows it."""
    found = []
    for kind, code in obj.links.order_by("id").values_list("kind", "code"):
        drawn = slots.render("cases.link", request, kind=kind, code=code)
        found.append({"code": code, "html": drawn})
    return found


def place_html(request: HttpRequest, obj: Case) -> SafeString | None:
    """Return the small map of a case, where an area draws one."""
    if obj.lon is None or obj.lat is None:
        return None
    return slots.render("cases.place", request, lon=obj.lon, lat=obj.lat)
