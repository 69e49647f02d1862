"""Supervisors with their quarter, and the register of praise and complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers import actions, figures, queries, words
from huoshui.areas.customers.contracts import FindingTopic, SupervisorKind, VoiceForm, VoiceKind
from huoshui.areas.customers.models import Supervisor, Voice
from huoshui.areas.customers.web import shown
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.pages import formats, kit

EDIT = "customers.voices"


case_url = shown.case_url


class Supervisors(kit.ListPage):
    """All supervisors, with what came of their findings in a quarter."""

    title = _("Supervisors")
    permission = "customers.read"
    url_name = "customers:supervisors"
    columns = (
        kit.Column("name", _("Name")),
        kit.Column("organisation", pgettext_lazy("supervisor", "From"), phone=False),
        kit.Column("kind", _("Kind"), labels=words.SUPERVISOR_KINDS),
        kit.Column("phone", _("Telephone"), phone=False,
                   value=lambda row: personal.mask_phone(row["phone"])),
        kit.Column("until_date", pgettext_lazy("supervisor", "Until"), format="day", phone=False),
        kit.Column("findings", _("Findings in the quarter"), format="d"),
        kit.Column("replied", _("Replied"), format="d"),
        kit.Column("late", _("Replied late, or not yet"), format="d"),
        kit.Column("rating", _("Mean rating"), format=".1f"),
        kit.Column("end", pgettext_lazy("supervisor", "Term"), sort=False,
                   value=lambda row: row["end_url"] and _("End the term"),
                   href=lambda row: row["end_url"]),
    )  # fmt: skip
    search = ("name", "organisation")
    filters = (
        kit.ChoiceFilter("kind", _("Kind"), choices=words.SUPERVISOR_KINDS.items()),
        kit.ChoiceFilter("quarter", _("Quarter"), choices=figures.quarters,
                         apply=lambda rows, wanted: rows),
    )  # fmt: skip
    default_sort = "name"
    empty = _("No supervisors are appointed yet.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        rows = figures.supervisor_figures(request.GET.get("quarter", ""))
        may_end = permissions.holds(request.user, EDIT)
        for row in rows:
            url = reverse("customers:end_supervisor", args=[row["pk"]])
            row["end_url"] = url if may_end else None
        return rows

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        found = [
            kit.link_button(
                pgettext_lazy("supervisors", "Findings"),
                reverse("cases:list", args=["customers.finding"]), icon="eye",
            )
        ]  # fmt: skip
        if permissions.holds(request.user, EDIT):
            url = reverse("customers:file_finding")
            found.append(kit.link_button(_("File a finding"), url, icon="plus"))
            url = reverse("customers:add_supervisor")
            found.append(kit.link_button(_("Appoint"), url, icon="user-check"))
        return found


class SupervisorForm(forms.Form):
    """A citizen who shall watch our service."""

    name = forms.CharField(label=_("Name"), max_length=100)
    organisation = forms.CharField(
        label=pgettext_lazy("supervisor", "From"), required=False, max_length=150
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=lambda: [(str(code), label) for code, label in words.SUPERVISOR_KINDS.items()],
    )
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=40)
    until_date = forms.DateField(
        label=pgettext_lazy("supervisor", "Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class NewSupervisor(kit.FormPage):
    """Appoint a supervisor."""

    title = _("Appoint a supervisor")
    permission = EDIT
    form_class = SupervisorForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        given["kind"] = SupervisorKind(given["kind"])
        actions.add_supervisor(**given, by_id=request.user.pk)
        return reverse("customers:supervisors")


class EndSupervisorForm(forms.Form):
    """Until when somebody watches our service."""

    until_date = forms.DateField(
        label=pgettext_lazy("supervisor", "Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The first day on which they are no longer a supervisor."),
    )  # fmt: skip


class EndSupervisor(kit.FormPage):
    """End the term of a supervisor, or put its end right; findings of the past stay."""

    title = _("End the term")
    permission = EDIT
    form_class = EndSupervisorForm

    @cached_property
    def supervisor(self) -> Supervisor:
        """The supervisor of the address, or `Http404`."""
        found = Supervisor.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest) -> Any:
        return f"{self.title}: {self.supervisor.name}"

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((Supervisors.title, reverse("customers:supervisors")), (self.title, ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("customers:supervisors")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return {"until_date": self.supervisor.until_date or clock.local(clock.now()).date()}

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.end_supervisor(
            self.supervisor.pk, until_date=form.cleaned_data["until_date"], by_id=request.user.pk
        )
        return reverse("customers:supervisors")


class FindingForm(forms.Form):
    """What a supervisor found, and who answers."""

    supervisor = forms.ChoiceField(
        label=_("Supervisor"),
        choices=lambda: [(str(row.pk), row.name) for row in queries.supervisors_now()],
    )
    topic = forms.ChoiceField(
        label=_("Topic"),
        choices=lambda: [(str(code), label) for code, label in words.TOPICS.items()],
    )
    text = forms.CharField(
        label=_("What was found"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    estate = forms.ChoiceField(
        label=_("Estate"), required=False,
        choices=lambda: [("", formats.NOTHING), *queries.estate_choices()],
    )  # fmt: skip
    owner = forms.ChoiceField(label=_("Who answers"), choices=lambda: shown.staff()[1:])


class FileFinding(kit.FormPage):
    """File what a supervisor found; it becomes a case with a deadline."""

    title = _("File a finding")
    permission = EDIT
    form_class = FindingForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        found = actions.file_finding(
            int(given["supervisor"]), topic=FindingTopic(given["topic"]), text=given["text"],
            owner_id=int(given["owner"]), estate_code=given["estate"], by_id=request.user.pk,
        )  # fmt: skip
        return case_url(found.number) or reverse("customers:supervisors")


VOICE_KINDS = {str(code): label for code, label in words.VOICE_KINDS.items()}


class Voices(kit.ListPage):
    """Praise and complaint by person and unit."""

    title = _("Praise and complaint")
    permission = "customers.read"
    url_name = "customers:voices"
    columns = (
        kit.Column("received_at", _("Received"), format="moment"),
        kit.Column("kind", _("Kind"), badge=VOICE_KINDS),
        kit.Column("form", pgettext_lazy("voice", "How"), labels=words.VOICE_FORMS),
        kit.Column("text", _("What was said"), sort=False),
        kit.Column("person", _("About whom"), sort="person__name",
                   value=lambda row: row.person and row.person.name),
        kit.Column("unit_id", _("Unit"), labels=figures.unit_names, sort=False, phone=False),
        kit.Column("order_code", _("Job or case"), phone=False, sort=False),
        kit.Column("case_number", _("Case"), sort=False,
                   href=lambda row: case_url(row.case_number)),
    )  # fmt: skip
    search = ("text", "person__name", "order_code", "case_number")
    search_hint = _("Words, person, job or case")
    filters = (
        kit.ChoiceFilter("kind", _("Kind"),
                         choices=[(code, label) for code, (label, _c) in VOICE_KINDS.items()]),
        kit.ChoiceFilter("form", pgettext_lazy("voice", "How"), choices=words.VOICE_FORMS.items()),
        kit.PeriodFilter("received_at", _("Received")),
    )  # fmt: skip
    default_sort = "-received_at"
    empty = _("Nothing was registered yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Voice]:
        return Voice.objects.select_related("person")

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, EDIT):
            return ()
        return (kit.link_button(_("Register"), reverse("customers:keep_voice"), icon="plus"),)


class VoicePageForm(forms.Form):
    """What was said, how, and about whom."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=lambda: [(c, label) for c, (label, _x) in VOICE_KINDS.items()]
    )
    form = forms.ChoiceField(
        label=pgettext_lazy("voice", "How"),
        choices=lambda: [(str(c), w) for c, w in words.VOICE_FORMS.items()],
    )
    text = forms.CharField(
        label=_("What was said"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    person_id = forms.ChoiceField(label=_("About whom"), required=False, choices=shown.staff)
    unit_code = forms.ChoiceField(label=_("Unit"), required=False, choices=figures.unit_choices)
    from_whom = forms.CharField(label=_("From whom"), required=False, max_length=100)
    account_code = forms.CharField(label=_("Account"), required=False, max_length=40)
    order_code = forms.CharField(label=_("Job or case"), required=False, max_length=40)
    received_at = kit.MomentField(label=_("Received"), required=False)
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
    )


class KeepVoice(kit.FormPage):
    """Register praise or complaint; a complaint becomes a case."""

    title = _("Register praise or complaint")
    permission = EDIT
    form_class = VoicePageForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = dict(form.cleaned_data)
        given["kind"], given["form"] = VoiceKind(given["kind"]), VoiceForm(given["form"])
        given["person_id"] = shown.user_id(given["person_id"])
        kept = actions.keep_voice(**given, by_id=request.user.pk)
        return case_url(kept.case_number) or reverse("customers:voices")
