"""What calls are sorted by, as a list to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import case_types, words
from huoshui.areas.hotline.actions import topics as actions
from huoshui.areas.hotline.models import Topic
from huoshui.areas.hotline.queries import topics as topic_queries
from huoshui.areas.hotline.web.who import id_of
from huoshui.kernel import cases
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

EDIT = "hotline.edit_topics"


def _groups() -> list[tuple[str, str]]:
    rows = Topic.objects.filter(above__isnull=True).order_by("order")
    return [(row.code, words.topic_name(row)) for row in rows]


def _type_labels() -> dict[str, Any]:
    return {one.code: one.label for one in cases.declared() if one.code in case_types.OURS}


def _job_types() -> list[tuple[str, str]]:
    names = fieldwork.job_types()
    return [(one.code, words.said(one.name_zh, one.name_en)) for one in names]


def _retired(rows: Any, wanted: str) -> Any:
    return rows.filter(is_retired=wanted == "retired")


def topic_url(row: Topic) -> str:
    """Return where a topic is changed."""
    return reverse("hotline:topic", args=[row.code])


class Topics(kit.ListPage):
    """All topics in their two levels."""

    title = _("Topics of calls")
    permission = "hotline.read_calls"
    url_name = "hotline:topics"
    columns = (
        kit.Column("name", pgettext_lazy("call", "Topic"), value=words.topic_name, href=topic_url),
        kit.Column("above", _("Below"), sort="above__order",
                   value=lambda row: words.topic_name(row.above) if row.above else ""),
        kit.Column("kind", _("Kind"), badge=words.KIND_BADGES),
        kit.Column("case_type", _("Becomes"), labels=_type_labels),
        kit.Column("priority", _("Priority"), labels=words.PRIORITIES, sort=False),
        kit.Column("limit_minutes", _("Somebody there within"), format="d", unit="min"),
        kit.Column("is_folded", _("Folded"),
                   labels={True: _("yes"), False: _("no")}, phone=False),
        kit.Column("unit_code", _("Responsible"), phone=False),
    )  # fmt: skip
    search = ("code", "name_zh", "name_en")
    default_sort = "order"
    filters = (
        kit.ChoiceFilter("kind", _("Kind"), choices=lambda: words.KINDS.items()),
        kit.ChoiceFilter("above", _("Below"), field="above__code", choices=_groups),
        kit.ChoiceFilter("offered", _("Which"), apply=_retired,
                         choices=(("offered", _("Offered")), ("retired", _("Retired")))),
    )  # fmt: skip

    def rows(self, request: HttpRequest) -> QuerySet[Topic]:
        return topic_queries.topics()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, EDIT):
            return ()
        return (kit.link_button(_("New topic"), reverse("hotline:new-topic"), icon="plus"),)


class TopicForm(forms.Form):
    """Everything about one topic."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small letters, digits and underscores; stays for ever."),
    )
    above = forms.ChoiceField(
        label=_("Below"), required=False, choices=lambda: [("", "–"), *_groups()]
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: words.choices(words.KINDS))
    case_type = forms.ChoiceField(label=_("Becomes"), choices=lambda: list(_type_labels().items()))
    priority = forms.ChoiceField(
        label=_("Priority"), initial="normal", choices=lambda: words.choices(words.PRIORITIES)
    )
    limit_minutes = forms.IntegerField(
        label=_("Somebody there within [min]"), required=False, min_value=5, max_value=100_000
    )
    unit_code = forms.CharField(
        label=_("Responsible unit"),
        required=False,
        max_length=40,
        help_text=_("Code of a unit of the organisation."),
    )
    job_type_code = forms.ChoiceField(
        label=_("Type of job"),
        required=False,
        choices=lambda: [("", "–"), *_job_types()],
        help_text=_("Says which skill, time and parts a crew needs that is sent."),
    )
    is_folded = forms.BooleanField(label=_("Many calls nearby may be one incident"), required=False)
    questions_zh = forms.CharField(
        label=_("What to ask, in Chinese"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One question a line."),
    )
    questions_en = forms.CharField(
        label=_("What to ask, in English"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    guidance_zh = forms.CharField(
        label=_("What to say, in Chinese"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    guidance_en = forms.CharField(
        label=_("What to say, in English"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    chat_words = forms.CharField(
        label=_("Words in chat groups"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line; a message with one of them is proposed as being about this."),
    )
    order = forms.IntegerField(label=_("Place in the list"), initial=100, min_value=0)  # fmt: skip


class NewTopic(kit.FormPage):
    """Add a topic."""

    title = _("New topic")
    permission = EDIT
    form_class = TopicForm

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:topics")

    def submit(self, request: HttpRequest, form: Any) -> str:
        values = dict(form.cleaned_data)
        actions.save_topic(
            values.pop("code"), above_code=values.pop("above"), values=values,
            by_id=id_of(request), is_new=True,
        )  # fmt: skip
        return reverse("hotline:topics")


class EditTopic(kit.FormPage):
    """Change a topic."""

    permission = EDIT
    form_class = TopicForm
    template = "hotline/topic.html"

    def heading(self, request: HttpRequest) -> Any:
        return words.topic_name(topic_queries.topic(self.kwargs["code"]))

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Topics of calls"), reverse("hotline:topics")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:topics")

    def get_form(self, request: HttpRequest, **arguments: Any) -> TopicForm:
        form = TopicForm(**arguments)
        form.fields["code"].disabled = True
        return form

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        row = topic_queries.topic(self.kwargs["code"])
        values = {name: getattr(row, name) for name in actions.KEPT}
        known = [one.code for one in fieldwork.job_types()]
        values["job_type_code"] = row.job_type_code if row.job_type_code in known else ""
        return {**values, "code": row.code, "above": row.above.code if row.above else ""}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        row = topic_queries.topic(self.kwargs["code"])
        return {"code": row.code, "is_retired": row.is_retired}

    def submit(self, request: HttpRequest, form: Any) -> str:
        values = dict(form.cleaned_data)
        values.pop("code")
        actions.save_topic(
            self.kwargs["code"], above_code=values.pop("above"), values=values,
            by_id=id_of(request),
        )  # fmt: skip
        return reverse("hotline:topics")


@permissions.needs(EDIT)
@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Offer a topic no more, or again."""
    actions.retire_topic(code, is_retired=request.POST.get("retired") == "1", by_id=id_of(request))
    return HttpResponseRedirect(reverse("hotline:topics"))
