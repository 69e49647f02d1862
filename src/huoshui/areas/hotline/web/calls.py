"""The list of calls, and the record of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from huoshui.areas.hotline import area_lines, queries, refusals, words
from huoshui.areas.hotline.models import Call, IncidentCall, Listening, Topic
from huoshui.areas.hotline.queries.calls import COUNTED
from huoshui.areas.hotline.web import numbers
from huoshui.areas.hotline.web.popped import address
from huoshui.areas.hotline.web.who import id_of
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

FIGURES: dict[str, Any] = {
    "enquiry": _("Enquiries"),
    "repair": _("Repairs"),
    "complaint": _("Complaints"),
    "suggestion": _("Suggestions"),
    "praise": _("Praise"),
    "wrong_number": _("Wrong numbers"),
    "unsorted": _("Answered, not noted yet"),
    "answered": pgettext_lazy("hotline", "Answered"),
    "answered_in_time": _("Answered within 15 s"),
    "abandoned": pgettext_lazy("call", "Given up"),
    "transferred": _("Transferred"),
    "with_case": _("With a case"),
}


@dataclass(frozen=True)
class MomentsFilter(kit.Filter):
    """A stretch of time to the minute, by the city's clock: ``from`` is included, ``until`` not."""

    def bounds(self, query: QueryDict) -> dict[str, datetime]:
        """Return what the reader asked for, by the end of the address's name."""
        found = {}
        for end in ("from", "until"):
            try:
                moment = datetime.fromisoformat(query.get(f"{self.name}_{end}", ""))
            except ValueError:
                continue
            if moment.year in formats.YEARS:
                found[end] = moment.replace(tzinfo=moment.tzinfo or clock.local_zone())
        return found

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        labels = {"from": gettext("from"), "until": gettext("until")}
        return [
            (f"{self.name}_{end}", f"{labels[end]} {formats.moment(moment)}")
            for end, moment in self.bounds(query).items()
        ]

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        lookups = {"from": "gte", "until": "lt"}
        for end, moment in self.bounds(query).items():
            rows = rows.filter(**{f"{self.target}__{lookups[end]}": moment})
        return rows

    def controls(self, query: QueryDict) -> SafeString:
        asked = self.bounds(query)
        boxes = [
            format_html(
                '<input type="datetime-local" class="form-control" name="{0}_{1}" value="{2}"'
                ' aria-label="{3}"{4}>',
                self.name, end, query.get(f"{self.name}_{end}", ""), word,
                "" if end in asked else mark_safe(" data-empty"),
            )
            for end, word in (("from", gettext("from")), ("until", gettext("until")))
        ]  # fmt: skip
        return format_html(
            '<fieldset class="hs-filter hs-filter-period"><legend>{}</legend>{}'
            '<span aria-hidden="true">–</span>{}</fieldset>',
            self.label, *boxes,
        )  # fmt: skip


def _topics() -> list[tuple[str, str]]:
    rows = Topic.objects.filter(above__isnull=False).order_by("above__order", "order")
    return [(row.code, words.topic_name(row)) for row in rows]


def _agents() -> list[tuple[str, str]]:
    from huoshui.areas.hotline.queries import rota

    return [(str(user.pk), str(user)) for user in rota.agents()]


def _estates() -> list[tuple[str, str]]:
    from huoshui.areas.customers import facade as customers

    return list(customers.estate_names().items())


def _zones() -> list[tuple[str, str]]:
    return list(network.zone_names().items())


def _of_zone(rows: Any, code: str) -> Any:
    return rows.filter(area_lines.of_zone(code))


def _counted(rows: Any, wanted: str) -> Any:
    return rows.filter(COUNTED[wanted]) if wanted in COUNTED else rows


def _topic(row: Call) -> str:
    return words.topic_name(row.topic) if row.topic else ""


class Calls(kit.ListPage):
    """All calls, the latest first."""

    title = _("Calls")
    permission = "hotline.read_calls"
    url_name = "hotline:calls"
    search = ("note", "place", "case_number", "account_code")
    search_hint = _("Note, place, case or account; a whole number finds the caller")
    default_sort = "-began_at"
    page_size = 50
    empty = _("Nobody has called yet.")
    filters = (
        kit.ChoiceFilter("figure", _("Which"), choices=lambda: FIGURES.items(), apply=_counted),
        kit.ChoiceFilter(
            "topic", pgettext_lazy("call", "Topic"), field="topic__code", choices=_topics
        ),
        kit.ChoiceFilter("agent", _("Agent"), field="agent_id", choices=_agents),
        kit.ChoiceFilter("estate", _("Estate"), field="estate_code", choices=_estates),
        kit.ChoiceFilter("zone", _("Zone"), choices=_zones, apply=_of_zone),
        MomentsFilter("at", _("When"), field="began_at"),
    )

    @property
    def columns(self) -> Sequence[kit.Column]:  # type: ignore[override]
        """The columns; numbers are masked."""
        return (
            kit.Column("began_at", _("When"), format="moment", href=call_url),
            kit.Column("caller_number", _("Caller"), sort=False, value=self._number),
            kit.Column("state", _("State"), badge=words.CALL_STATES),
            kit.Column("kind", _("Kind"), badge=words.KIND_BADGES),
            kit.Column("topic", pgettext_lazy("call", "Topic"), value=_topic),
            kit.Column("place", _("Where"), phone=False),
            kit.Column("case_number", _("Case"),
                       href=lambda row: address("cases:case", row.case_number)
                       if row.case_number else None),
            kit.Column("agent", _("Agent"), sort="agent__name", phone=False),
            kit.Column("wait_s", _("Waited"), format=".0f", unit="s", phone=False),
            kit.Column("transfers", _("Transferred"), optional=True, format="d"),
            kit.Column("note", _("Note"), optional=True),
        )  # fmt: skip

    def _number(self, row: Call) -> str:
        if not row.caller_key:
            return gettext("withheld")
        return numbers.in_list(row)

    def rows(self, request: HttpRequest) -> QuerySet[Call]:
        """Return all calls; a whole number in the search box finds its caller."""
        return queries.calls()

    def _kept_query(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        from huoshui.areas.hotline import rules

        key = rules.number_key("".join(self.words))
        if len(key) >= 7 and key == rules.number_key(self.request.GET.get("q", "")):
            rows = rows.filter(caller_key=key)
            return rows.order_by(self.sort or "-began_at", "-pk")
        return super()._kept_query(rows)


def call_url(row: Call) -> str:
    """Return the address of a call's record."""
    return reverse("hotline:call", args=[row.pk])


def recording_address(row: Call) -> str:
    """Return where the recording of a call is opened; empty where there is none."""
    return reverse("hotline:recording", args=[row.pk]) if row.recording_url else ""


@permissions.needs("hotline.listen")
@require_GET
def recording(request: HttpRequest, call_id: int) -> HttpResponse:
    """Lead to the recording, and write down who opened it."""
    call = queries.call(call_id)
    if not call.recording_url:
        raise refusals.NoSuch("recording", call_id)
    with transaction.atomic():
        audit.record_read(id_of(request), "hotline.recording_opened", f"hotline.call:{call_id}")
    response = HttpResponseRedirect(call.recording_url)
    response["Referrer-Policy"] = "no-referrer"
    return response


class CallPage(kit.DetailPage):
    """The record of one call."""

    permission = "hotline.read_calls"
    template = "hotline/call.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Call:
        return queries.call(kwargs["call_id"])

    def heading(self, request: HttpRequest, obj: Call) -> Any:
        return gettext("Call of %(when)s") % {"when": formats.moment(obj.began_at)}

    def trail(self, request: HttpRequest, obj: Call) -> Sequence[tuple[Any, str]]:
        return ((_("Calls"), reverse("hotline:calls")),)

    def badges(self, request: HttpRequest, obj: Call) -> Sequence[SafeString]:
        found = [kit.badge(*words.CALL_STATES[obj.state])]
        if obj.kind:
            found.append(kit.badge(*words.KIND_BADGES[obj.kind]))
        return found

    def facts(self, request: HttpRequest, obj: Call) -> Sequence[kit.Section]:
        number = numbers.for_reader(request.user, obj) if obj.caller_key else ""
        talked_s = None
        if obj.answered_at and obj.ended_at:
            talked_s = (obj.ended_at - obj.answered_at).total_seconds() - obj.held_s
        case = address("cases:case", obj.case_number) if obj.case_number else ""
        account = address("customers:account", obj.account_code) if obj.account_code else ""
        return (
            kit.Section(_("The call"), (
                kit.Fact(_("Caller"), number or gettext("withheld")),
                kit.Fact(_("Began"), obj.began_at, format="moment"),
                kit.Fact(_("Waited"), obj.wait_s, _("s"), format=".0f"),
                kit.Fact(_("Talked"), talked_s, _("s"), format=".0f"),
                kit.Fact(_("On hold"), obj.held_s or None, _("s"), format=".0f"),
                kit.Fact(_("Transferred"), obj.transfers or None, format="d"),
                kit.Fact(_("Agent"), str(obj.agent or "")),
                kit.Fact(_("Extension"), obj.extension),
            )),
            kit.Section(_("What it was about"), (
                kit.Fact(pgettext_lazy("call", "Topic"), _topic(obj)),
                kit.Fact(_("Account"), obj.account_code, href=account),
                kit.Fact(_("Where"), obj.place),
                kit.Fact(_("Case"), obj.case_number, href=case),
                kit.Fact(_("Tags"), formats.listed(obj.tags)),
                kit.Fact(_("Note"), obj.note),
                kit.Fact(_("Noted"), obj.wrapped_at, format="moment"),
            )),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: Call) -> Sequence[SafeString]:
        found = []
        own = Listening.objects.filter(call=obj, listened_by_id=request.user.pk).first()
        if permissions.holds(request.user, "hotline.listen") and own is None:
            found.append(
                kit.link_button(
                    _("Judge this call"), reverse("hotline:judge", args=[obj.pk]), icon="star"
                )
            )
        if permissions.holds(request.user, "hotline.take_calls"):
            desk = f"{reverse('hotline:desk')}?call={obj.pk}"
            found.append(kit.link_button(_("Open at the desk"), desk, icon="phone"))
        return found

    def context(self, request: HttpRequest, obj: Call) -> dict[str, Any]:
        labels = {
            "ringing": gettext("Rings"), "answered": pgettext("hotline", "Answered"),
            "held": gettext("Put on hold"), "resumed": gettext("Taken up again"),
            "transferred": gettext("Transferred"), "ended": pgettext("hotline", "Ended"),
            "recording": gettext("Recording is there"),
        }  # fmt: skip
        member = IncidentCall.objects.filter(call=obj, unfolded_at__isnull=True).first()
        may_listen = permissions.holds(request.user, "hotline.listen")
        return {
            "events": [
                {"label": labels[row.kind], "at": row.at,
                 "where": row.target or row.extension}
                for row in obj.events.order_by("at", "pk")
            ],
            "recording": recording_address(obj) if may_listen else "",
            "incident": member.incident_id if member else None,
            "may_fold": permissions.holds(request.user, "hotline.take_calls"),
            "judged": [
                {"by": str(row.listened_by), "mean": row.mean, "url":
                 reverse("hotline:listening", args=[row.pk])}
                for row in Listening.objects.filter(call=obj).select_related("listened_by")
            ] if may_listen else [],
        }  # fmt: skip
