"""Leaders listen: the score sheet, the root of the trouble, and what is improved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import queries, refusals, rules, words
from huoshui.areas.hotline.actions import listening as actions
from huoshui.areas.hotline.models import Call, Listening
from huoshui.areas.hotline.web.calls import _agents, call_url, recording_address
from huoshui.areas.hotline.web.popped import address
from huoshui.areas.hotline.web.who import id_of
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.cases import reading
from huoshui.kernel.pages import kit

LISTEN = "hotline.listen"
# Older calls nobody remembers well enough to improve anything by them.
LATE = timedelta(days=30)


def _rows() -> QuerySet[Listening]:
    return Listening.objects.select_related("call", "call__topic", "call__agent", "listened_by",
                                            "owner")  # fmt: skip


def _one(pk: int) -> Listening:
    found = _rows().filter(pk=pk).first()
    if found is None:
        raise refusals.NoSuch("listening", pk)
    return found


def _improving(rows: Any, wanted: str) -> Any:
    with_one = rows.exclude(improvement="")
    if wanted == "late":
        today = clock.local(clock.now()).date()
        return with_one.filter(done_at__isnull=True, due_date__lt=today)
    return with_one.filter(done_at__isnull=wanted == "open")


def _recorded(rows: Any, wanted: str) -> Any:
    return rows.exclude(recording_url="") if wanted == "yes" else rows.filter(recording_url="")


class Listenings(kit.ListPage):
    """Every call that was judged."""

    title = _("Listening to calls")
    permission = LISTEN
    url_name = "hotline:listenings"
    columns = (
        kit.Column("listened_at", _("When"), format="moment",
                   href=lambda row: reverse("hotline:listening", args=[row.pk])),
        kit.Column("agent", _("Agent"), sort="call__agent__name",
                   value=lambda row: str(row.call.agent or "")),
        kit.Column("topic", pgettext_lazy("call", "Topic"),
                   value=lambda row: words.topic_name(row.call.topic) if row.call.topic else ""),
        kit.Column("mean", pgettext_lazy("listening", "Points"), format=".1f"),
        kit.Column("root", _("Root of the trouble"), labels=words.ROOTS),
        kit.Column("improvement", _("Improvement"), phone=False, sort=False),
        kit.Column("owner", pgettext_lazy("listening", "By"), sort="owner__name", phone=False),
        kit.Column("due_date", pgettext_lazy("listening", "Until"), format="day"),
        kit.Column("done_at", _("Done"), format="moment"),
        kit.Column("listened_by", _("Listened"), sort="listened_by__name", phone=False),
    )  # fmt: skip
    search = ("note", "improvement", "call__case_number")
    default_sort = "-listened_at"
    filters = (
        kit.ChoiceFilter("agent", _("Agent"), field="call__agent_id", choices=_agents),
        kit.ChoiceFilter("root", _("Root of the trouble"), choices=lambda: words.ROOTS.items()),
        kit.ChoiceFilter("improving", _("Improvement"), apply=_improving, choices=(
            ("open", _("Open")), ("late", _("Late")), ("done", _("Done")))),
        kit.PeriodFilter("listened_at", _("When")),
    )  # fmt: skip
    empty = _("Nobody has listened to a call yet. Open a call and judge it.")

    def rows(self, request: HttpRequest) -> QuerySet[Listening]:
        return _rows()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        choose, agents = reverse("hotline:to-judge"), reverse("hotline:listening-agents")
        return (
            kit.link_button(_("By agent"), agents, icon="users-group"),
            kit.link_button(_("Choose a call"), choose, icon="phone", colour="primary"),
        )


class ToJudge(kit.ListPage):
    """Calls of late that this reader has not judged, to choose one; never their own."""

    title = _("Calls to listen to")
    permission = LISTEN
    url_name = "hotline:to-judge"
    columns = (
        kit.Column("began_at", _("When"), format="moment",
                   href=lambda row: reverse("hotline:judge", args=[row.pk])),
        kit.Column("agent", _("Agent"), sort="agent__name"),
        kit.Column("kind", _("Kind"), badge=words.KIND_BADGES),
        kit.Column("topic", pgettext_lazy("call", "Topic"),
                   value=lambda row: words.topic_name(row.topic) if row.topic else ""),
        kit.Column("wait_s", _("Waited"), format=".0f", unit="s", phone=False),
        kit.Column("recording", _("Recording"), sort="recording_url",
                   value=lambda row: gettext("yes") if row.recording_url else gettext("no")),
        kit.Column("case_number", _("Case"), phone=False),
        kit.Column("note", _("Note"), phone=False, sort=False,
                   value=lambda row: row.note[:60]),
    )  # fmt: skip
    search = ("note", "case_number")
    default_sort = "-began_at"
    filters = (
        kit.ChoiceFilter("agent", _("Agent"), field="agent_id", choices=_agents),
        kit.ChoiceFilter("kind", _("Kind"), choices=lambda: words.KINDS.items()),
        kit.ChoiceFilter("recording", _("Recording"), apply=_recorded,
                         choices=(("yes", _("yes")), ("no", _("no")))),
        kit.PeriodFilter("began_at", _("When")),
    )  # fmt: skip
    empty = _("No call of the last days waits for your ear.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Listening to calls"), reverse("hotline:listenings")),)

    def rows(self, request: HttpRequest) -> QuerySet[Call]:
        heard = Listening.objects.filter(listened_by_id=request.user.pk)
        rows = Call.objects.select_related("agent", "topic").filter(
            began_at__gte=clock.now() - LATE, answered_at__isnull=False, ended_at__isnull=False
        )
        return rows.exclude(agent_id=request.user.pk).exclude(pk__in=heard.values("call_id"))


POINTS = [(str(n), str(n)) for n in range(rules.SCORE_MAX, 0, -1)]


def _owners() -> list[tuple[str, str]]:
    people = User.objects.filter(is_active=True).order_by("name", "username")
    return [("", "–"), *((str(user.pk), str(user)) for user in people)]


class JudgeForm(forms.Form):
    """The score sheet of one call."""

    root = forms.ChoiceField(
        label=_("Root of the trouble"), choices=lambda: words.choices(words.ROOTS)
    )
    note = forms.CharField(
        label=_("What you heard"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    improvement = forms.CharField(
        label=_("What shall be improved"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.ChoiceField(label=_("By whom"), required=False, choices=_owners)
    due_date = forms.DateField(label=pgettext_lazy("listening", "Until"), required=False,
                               widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        sheet = {
            f"score_{code}": forms.ChoiceField(label=str(label), choices=POINTS, initial="4")
            for code, label in words.SCORES.items()
        }
        self.fields = {**sheet, **self.fields}


class Judge(kit.FormPage):
    """Judge one call."""

    title = _("Judge this call")
    permission = LISTEN
    form_class = JudgeForm
    template = "hotline/judge.html"
    explanation = _("5 points: could not be better; 1 point: must not happen again.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        call = queries.call(self.kwargs["call_id"])
        fact = cases.case(call.case_number) if call.case_number else None
        talked_s = None
        if call.answered_at and call.ended_at:
            talked_s = (call.ended_at - call.answered_at).total_seconds() - call.held_s
        return {
            "call": {
                "began_at": call.began_at, "url": call_url(call), "agent": str(call.agent or ""),
                "wait_s": call.wait_s, "talked_s": talked_s, "note": call.note,
                "topic": words.topic_name(call.topic) if call.topic else "",
                "recording": recording_address(call), "case": call.case_number,
                "case_url": address("cases:case", call.case_number) if fact else "",
                "case_state":
                    reading.label_in(fact.type_code, "states", fact.state) if fact else "",
            }
        }  # fmt: skip

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Listening to calls"), reverse("hotline:listenings")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:call", args=[self.kwargs["call_id"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        row = actions.judge_call(
            self.kwargs["call_id"],
            scores={code: int(given[f"score_{code}"]) for code in rules.SCORES},
            root=given["root"], note=given["note"], improvement=given["improvement"],
            owner_id=int(given["owner"]) if given["owner"] else None,
            due_date=given["due_date"], by_id=id_of(request),
        )  # fmt: skip
        return reverse("hotline:listening", args=[row.pk])


class ListeningPage(kit.DetailPage):
    """One judged call: its points, and the case it led to, followed to its end."""

    permission = permissions.SIGNED_IN

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Listening:
        found = _one(kwargs["listening_id"])
        if found.owner_id != request.user.pk:
            permissions.require(request.user, LISTEN)
        return found

    def heading(self, request: HttpRequest, obj: Listening) -> Any:
        return gettext("%(points)s points") % {"points": f"{obj.mean:.1f}"}

    def trail(self, request: HttpRequest, obj: Listening) -> Sequence[tuple[Any, str]]:
        if not permissions.holds(request.user, LISTEN):
            return ()
        return ((_("Listening to calls"), reverse("hotline:listenings")),)

    def facts(self, request: HttpRequest, obj: Listening) -> Sequence[kit.Section]:
        call = obj.call
        fact = cases.case(call.case_number) if call.case_number else None
        state = reading.label_in(fact.type_code, "states", fact.state) if fact else ""
        return (
            kit.Section(_("Score sheet"), [
                kit.Fact(words.SCORES[code], obj.scores.get(code), format="d")
                for code in rules.SCORES
            ]),
            kit.Section(_("What is behind it"), (
                kit.Fact(_("Call"), call.began_at, format="moment", href=call_url(call)),
                kit.Fact(_("Root of the trouble"), words.ROOTS.get(obj.root, "")),
                kit.Fact(_("Note"), obj.note),
                kit.Fact(_("Listened"), f"{obj.listened_by}"),
                kit.Fact(_("Case"), call.case_number,
                         href=address("cases:case", call.case_number) if fact else "",
                         note=state),
            )),
            kit.Section(_("Improvement"), (
                kit.Fact(_("What shall be improved"), obj.improvement),
                kit.Fact(_("By whom"), str(obj.owner or "")),
                kit.Fact(pgettext_lazy("listening", "Until"), obj.due_date, format="day"),
                kit.Fact(_("Done"), obj.done_at, format="moment"),
                kit.Fact(_("What was done"), obj.done_note),
            )),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: Listening) -> Sequence[SafeString]:
        if not obj.improvement or obj.done_at is not None:
            return ()
        url = reverse("hotline:improved", args=[obj.pk])
        return (kit.link_button(_("It is done"), url, icon="check", colour="primary"),)


class DoneForm(forms.Form):
    """What was done."""

    note = forms.CharField(label=_("What was done"), max_length=300)


class Improved(kit.FormPage):
    """Say what was improved; the owner of it, or whoever listens."""

    title = _("It is done")
    permission = permissions.SIGNED_IN
    form_class = DoneForm

    def _may(self, request: HttpRequest) -> None:
        if _one(self.kwargs["listening_id"]).owner_id != request.user.pk:
            permissions.require(request.user, LISTEN)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        self._may(request)
        return {}

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:listening", args=[self.kwargs["listening_id"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        self._may(request)
        actions.finish_improvement(
            self.kwargs["listening_id"], note=form.cleaned_data["note"], by_id=id_of(request)
        )
        messages.success(request, gettext("Thank you."))
        return self.get_cancel_url(request)
