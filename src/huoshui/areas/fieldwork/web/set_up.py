"""Lists and forms of what crews' work is made of: skills, shift patterns, types of jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models, words
from huoshui.areas.fieldwork.actions import crews as actions
from huoshui.areas.fieldwork.queries import crews as queries
from huoshui.areas.fieldwork.web import who
from huoshui.areas.fieldwork.web.choices import Named, choice_of, keep_offering
from huoshui.areas.fieldwork.web.crews import MANAGE, READ
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

RETIRED = {True: (_("Not there any more"), "secondary"), False: (_("There now"), "green")}
SHOW_RETIRED = (("now", _("There now")), ("retired", _("Not there any more")))
KIT_LINES_FREE = 3
STEPS_HELP = _("One step a line, as a crew would say it.")


def with_retired(rows: Any, wanted: str) -> Any:
    """Keep what is there now, or what is not there any more."""
    return rows.filter(is_retired=wanted == "retired")


def retired_filter() -> kit.ChoiceFilter:
    """Return the filter of every list here."""
    return kit.ChoiceFilter("show", _("Show"), apply=with_retired, choices=SHOW_RETIRED)


class SetUpList(kit.ListPage):
    """A list of things that forms below keep; ``new`` names the form that adds one."""

    permission = READ
    manage = MANAGE
    new = ""
    new_label: Any = ""
    back: tuple[Any, str] = (_("Crews"), "fieldwork:crews")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to what it is about."""
        return ((self.back[0], reverse(self.back[1])),)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new one."""
        if not self.new or not permissions.holds(request.user, self.manage):
            return ()
        url = reverse(f"fieldwork:{self.new}")
        return (kit.link_button(self.new_label, url, colour="primary", icon="plus"),)

    def row_css(self, row: Any) -> str:
        """Let what is not there any more step back."""
        return "text-secondary" if getattr(row, "is_retired", False) else ""


class Keep(kit.FormPage):
    """Add one thing, or change the one that the address names; ``home`` is the list of them."""

    permission = MANAGE
    once = True
    home: tuple[Any, str] = ("", "")
    said: Any = _("It is kept.")

    def row(self, code: str) -> Any:
        """Return the thing of a code, or None."""
        raise NotImplementedError

    @cached_property
    def kept(self) -> Any:
        """The thing that is to be changed; None for a new one."""
        code = self.kwargs.get("code")
        found = None if code is None else self.row(code)
        if code is not None and found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest) -> Any:
        """Name what is changed."""
        return words.name_of(self.kept) if self.kept is not None else self.title

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form; a code stays what it is."""
        form = super().get_form(request, **arguments)
        if self.kept is not None:
            del form.fields["code"]
        else:
            form.fields.pop("is_retired", None)
        return form

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((self.home[0], reverse(self.home[1])),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse(self.home[1])

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it, say so, go back."""
        values = dict(form.cleaned_data)
        code = values.pop("code", None) or self.kwargs["code"]
        self.keep(code, values, who.id_of(request))
        messages.success(request, str(self.said))
        return reverse(self.home[1])

    def keep(self, code: str, values: dict[str, Any], by_id: int) -> None:
        """Keep what was typed."""
        raise NotImplementedError


class NamesForm(forms.Form):
    """A code and its names."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Letters, digits, - and _; it stays for ever.")
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=80)


RETIRE = _("Not there any more")
RETIRE_HELP = _("It stays where it was used, and is no longer offered.")


def _retire() -> forms.BooleanField:
    return forms.BooleanField(label=RETIRE, required=False, help_text=RETIRE_HELP)


def names_of(row: Any) -> dict[str, Any]:
    """Return the values that every form here begins with."""
    return {"name_zh": row.name_zh, "name_en": row.name_en, "is_retired": row.is_retired}


class SkillForm(NamesForm):
    """One skill."""

    is_retired = _retire()


class Skills(SetUpList):
    """All skills."""

    title = _("Skills")
    url_name = "fieldwork:skills"
    new, new_label = "new-skill", _("New skill")
    columns = (
        kit.Column("name", _("Skill"), value=words.name_of, sort="code",
                   href=lambda row: reverse("fieldwork:change-skill", args=[row.code])),
        kit.Column("code", _("Code"), phone=False),
        kit.Column("crews", _("Crews"), format="d", sort=False, value=lambda row: row.crews),
        kit.Column("is_retired", _("State"), badge=RETIRED, sort=False),
    )  # fmt: skip
    search = ("code", "name_zh", "name_en")
    filters = (retired_filter(),)
    default_sort = "code"
    empty = _("No skills yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the skills with how many crews have each."""
        return queries.skills()


class KeepSkill(Keep):
    """Add a skill, or name it anew."""

    title = _("New skill")
    form_class = SkillForm
    home = (_("Skills"), "fieldwork:skills")

    def row(self, code: str) -> Any:
        """Return the skill."""
        return models.Skill.objects.filter(code=code).first()

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Start with it as it is."""
        return names_of(self.kept) if self.kept else {}

    def keep(self, code: str, values: dict[str, Any], by_id: int) -> None:
        """Keep it."""
        actions.keep_skill(code, **values, is_new=self.kept is None, by_id=by_id)


class PatternForm(NamesForm):
    """One shift pattern."""

    days = forms.CharField(
        label=_("Days of the cycle"), max_length=500,
        help_text=_("Such as 08:00-17:00, 20:00-08:00, - : one day each, - is a day off."),
    )  # fmt: skip
    first_date = forms.DateField(
        label=_("Begins on"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A day on which the cycle begins."),
    )  # fmt: skip
    is_retired = _retire()


def days_text(row: models.ShiftPattern) -> str:
    """Return the days of a pattern as people write them."""
    return ", ".join("-" if one is None else f"{one[0]}-{one[1]}" for one in row.days)


class Patterns(SetUpList):
    """All shift patterns."""

    title = _("Shift patterns")
    url_name = "fieldwork:patterns"
    new, new_label = "new-pattern", _("New shift pattern")
    columns = (
        kit.Column("name", _("Shift pattern"), value=words.name_of, sort="code",
                   href=lambda row: reverse("fieldwork:change-pattern", args=[row.code])),
        kit.Column("days", _("Days of the cycle"), value=days_text),
        kit.Column("first_date", _("Begins on"), format="day", phone=False),
        kit.Column("code", _("Code"), phone=False),
        kit.Column("is_retired", _("State"), badge=RETIRED, sort=False),
    )  # fmt: skip
    search = ("code", "name_zh", "name_en")
    filters = (retired_filter(),)
    default_sort = "code"
    empty = _("No shift patterns yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the patterns."""
        return models.ShiftPattern.objects.all()


class KeepPattern(Keep):
    """Add a shift pattern, or change it."""

    title = _("New shift pattern")
    form_class = PatternForm
    home = (_("Shift patterns"), "fieldwork:patterns")

    def row(self, code: str) -> Any:
        """Return the pattern."""
        return models.ShiftPattern.objects.filter(code=code).first()

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Start with it as it is."""
        row = self.kept
        if not row:
            return {}
        return {**names_of(row), "days": days_text(row), "first_date": row.first_date}

    def keep(self, code: str, values: dict[str, Any], by_id: int) -> None:
        """Keep it."""
        actions.keep_pattern(code, **values, is_new=self.kept is None, by_id=by_id)


class TypeForm(NamesForm):
    """One type of job: what it takes, and what is to be done."""

    kind = forms.ChoiceField(label=_("Kind of work"), choices=list(words.KINDS.items()))
    priority = forms.ChoiceField(label=_("Priority"), choices=list(words.PRIORITIES.items()))
    usual_minutes = forms.IntegerField(label=_("Usually takes [min]"), min_value=1, max_value=2880)
    skills = Named(
        label=_("Skills"), queryset=models.Skill.objects.filter(is_retired=False),
        required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    exchanges_meter = forms.BooleanField(
        label=_("A meter is exchanged"), required=False,
        help_text=_("The phone then asks for both numbers and readings first."),
    )  # fmt: skip
    steps_zh = forms.CharField(
        label=_("Steps in Chinese"), required=False, max_length=5000, help_text=STEPS_HELP,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    steps_en = forms.CharField(
        label=_("Steps in English"), required=False, max_length=5000, help_text=STEPS_HELP,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    is_retired = _retire()

    def __init__(
        self, *args: Any, kit_lines: int = KIT_LINES_FREE, held: Sequence[models.Part] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        there = Q(is_retired=False) | Q(pk__in=[one.pk for one in held])
        parts = models.Part.objects.filter(there).order_by("code")
        choices = [("", _("No further part")), *((one.code, choice_of(one)) for one in parts)]
        for number in range(1, kit_lines + 1):
            self.fields[f"part_{number}"] = forms.ChoiceField(
                label=_("Part %(number)s of the kit") % {"number": number}, required=False,
                choices=choices,
            )  # fmt: skip
            self.fields[f"quantity_{number}"] = forms.IntegerField(
                label=_("How many of it"), required=False, min_value=1, max_value=1000
            )
        self.kit_lines = kit_lines

    def clean(self) -> dict[str, Any]:
        """Gather the kit; want a number for each part, and each part once."""
        values = super().clean() or {}
        kit_of: dict[str, int] = {}
        for number in range(1, self.kit_lines + 1):
            part = values.pop(f"part_{number}", "")
            quantity = values.pop(f"quantity_{number}", None)
            if not part:
                continue
            if part in kit_of:
                self.add_error(f"part_{number}", gettext("This part stands in the kit already."))
            if quantity is None and f"quantity_{number}" not in self.errors:
                self.add_error(f"quantity_{number}", gettext("Say how many of it."))
            kit_of[part] = quantity or 0
        return {**values, "kit": kit_of}


def _kit_text(row: models.JobType) -> str:
    return formats.listed(f"{line.quantity} × {words.name_of(line.part)}" for line in row.kit.all())


class Types(SetUpList):
    """All types of jobs."""

    title = pgettext_lazy("job", "Types of jobs")
    url_name = "fieldwork:types"
    new, new_label = "new-type", _("New type of job")
    columns = (
        kit.Column("name", _("Type of job"), value=words.name_of, sort="code",
                   href=lambda row: reverse("fieldwork:change-type", args=[row.code])),
        kit.Column("kind", _("Kind of work"), labels=words.KINDS, phone=False),
        kit.Column("usual_minutes", _("Usually takes"), unit="min", format="d"),
        kit.Column("skills", _("Skills"), sort=False, phone=False,
                   value=lambda row: formats.listed(map(words.name_of, row.skills.all()))),
        kit.Column("kit", _("Kit"), value=_kit_text, sort=False),
        kit.Column("code", _("Code"), phone=False),
        kit.Column("is_retired", _("State"), badge=RETIRED, sort=False),
    )  # fmt: skip
    search = ("code", "name_zh", "name_en")
    filters = (retired_filter(),
               kit.ChoiceFilter("kind", _("Kind of work"), field="kind",
                                choices=tuple(words.KINDS.items())))  # fmt: skip
    default_sort = "code"
    empty = _("No types of jobs yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the types with their skills and kits."""
        return models.JobType.objects.prefetch_related("skills", "kit__part")


class KeepType(Keep):
    """Add a type of job, or change it."""

    title = _("New type of job")
    form_class = TypeForm
    home = (pgettext_lazy("job", "Types of jobs"), "fieldwork:types")

    def row(self, code: str) -> Any:
        """Return the type."""
        rows = models.JobType.objects.prefetch_related("skills", "kit__part")
        return rows.filter(code=code).first()

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form with a line for each part of the kit, and some more."""
        held = [line.part for line in self.kept.kit.all()] if self.kept else []
        form = super().get_form(
            request, kit_lines=len(held) + KIT_LINES_FREE, held=held, **arguments
        )
        if self.kept:
            keep_offering(form, skills=self.kept.skills.all())
        return form

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Start with it as it is."""
        row = self.kept
        if not row:
            return {"priority": "normal", "usual_minutes": 60}
        lines: dict[str, Any] = {}
        for number, line in enumerate(row.kit.all(), 1):
            lines |= {f"part_{number}": line.part.code, f"quantity_{number}": line.quantity}
        kept = ("kind", "priority", "usual_minutes", "exchanges_meter", "steps_zh", "steps_en")
        return {
            **names_of(row), **lines, **{name: getattr(row, name) for name in kept},
            "skills": list(row.skills.all()),
        }  # fmt: skip

    def keep(self, code: str, values: dict[str, Any], by_id: int) -> None:
        """Keep it."""
        skills, kit_of = values.pop("skills"), values.pop("kit")
        actions.keep_job_type(
            code, values=values, skills=[one.code for one in skills], kit=kit_of,
            is_new=self.kept is None, by_id=by_id,
        )  # fmt: skip
