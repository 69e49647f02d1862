"""Forms made from a declaration: to open a case, to take a step, to change its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.cases import declaring, needs, words
from huoshui.kernel.cases.declaring import CaseType, Field
from huoshui.kernel.cases.web.controls import (
    LONG_TEXT_MAX,
    PREFIX,
    form_field,
    person_field,
    spot_fields,
    unit_field,
    where_field,
)
from huoshui.kernel.cases.web.offers import Asked
from huoshui.kernel.pages import formats, kit

SIGNATURE = "signature"
SIGNATURE_BYTES_MAX = 400_000


class OpenForm(forms.Form):
    """A new case of one type."""

    title = forms.CharField(label=_("What is it about?"), max_length=200)

    def __init__(self, case_type: CaseType, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case_type = case_type
        for one in case_type.fields:
            self.fields[PREFIX + one.code] = form_field(one, required=one.required)
        if case_type.asks_person:
            self.fields["person_name"] = forms.CharField(
                label=_("Who raises it"), max_length=100, required=False
            )
            self.fields["person_phone"] = form_field(
                Field("person_phone", _("Telephone"), "phone"), required=False
            )
        if case_type.channels:
            self.fields["channel"] = forms.ChoiceField(
                label=_("How it came in"),
                choices=[("", _("Not said")), *case_type.channels],
                required=False,
            )
        if case_type.asks_place:
            self.fields["place"] = where_field()
        self.fields |= spot_fields()
        self.fields["links"] = forms.CharField(
            required=False, widget=forms.HiddenInput, max_length=1000
        )
        self.fields["priority"] = forms.ChoiceField(
            label=_("Priority"),
            choices=list(words.PRIORITIES.items()),
            initial="normal",
        )
        self.fields["owner"] = person_field(_("Responsible"), required=False)
        self.fields["unit"] = unit_field(_("Unit"), required=False)
        self.fields["due_at"] = kit.MomentField(
            label=_("Deadline of its own"),
            required=False,
            help_text=_("Empty: the deadlines of this kind of case alone."),
        )

    @property
    def at_once(self) -> list[forms.BoundField]:
        """The controls that everybody fills in."""
        return [self[name] for name in self.fields if not self._is_for_later(name)]

    @property
    def for_later(self) -> list[forms.BoundField]:
        """What a later step asks for, and who is responsible: offered, but out of the way."""
        return [self[name] for name in self.fields if self._is_for_later(name)]

    @property
    def opens_more(self) -> bool:
        """Whether something of it is filled in already, or wrong."""
        return any(one.errors or one.value() for one in self.for_later)

    def _is_for_later(self, name: str) -> bool:
        if self.fields[name].widget.is_hidden:
            return False
        if name in ("owner", "unit", "due_at"):
            return True
        field = self.case_type.field(name.removeprefix(PREFIX))
        return field is not None and not field.required and field.code in self._asked_later

    @cached_property
    def _asked_later(self) -> set[str]:
        """The fields that a step of this kind asks for."""
        codes = {code for step in self.case_type.transitions for code in step.fields}
        for step in self.case_type.transitions:
            for need in step.requires:
                if isinstance(need, needs.NeedsField):
                    codes.update(need.fields)
        return codes


class StepForm(forms.Form):
    """What one step asks for."""

    def __init__(self, asked: Asked, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for one in asked.fields:
            self.fields[PREFIX + one.code] = form_field(one, required=one.code in asked.required)
        for need in asked.checklists:
            self.fields[f"list_{need.code}"] = forms.MultipleChoiceField(
                label=need.label,
                choices=[(item.code, item.label) for item in need.items],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Tick every line that is done.")},
            )
        if asked.owner:
            self.fields["owner"] = person_field(_("Responsible"), required=True)
        if asked.unit:
            self.fields["unit"] = unit_field(_("Unit"), required=True)
        if asked.deadline:
            self.fields["due_at"] = kit.MomentField(label=_("Deadline"), required=True)
        self.fields["photos"] = kit.PhotosField(
            label=_("Photos"),
            required=asked.photos > 0,
            help_text=_("At least %(count)s.") % {"count": asked.photos} if asked.photos else "",
        )
        if asked.signature:
            self.fields[SIGNATURE] = forms.CharField(
                label=_("Signature"),
                widget=forms.HiddenInput,
                max_length=SIGNATURE_BYTES_MAX,
                error_messages={"required": _("Please sign in the box.")},
            )
        self.fields["note"] = forms.CharField(
            label=_("Why?") if asked.note else _("Note"),
            required=asked.note,
            max_length=LONG_TEXT_MAX,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def clean(self) -> dict[str, Any]:
        """Say that photos are missing, and which lines are not ticked."""
        values = super().clean() or {}
        given = values.get("photos") or []
        if self.asked.photos and 0 < len(given) < self.asked.photos:
            text = _("At least %(count)s photos are needed.") % {"count": self.asked.photos}
            self.add_error("photos", text)
        for need in self.asked.checklists:
            ticked = values.get(f"list_{need.code}")
            missing = [str(one.label) for one in need.items if one.code not in (ticked or ())]
            if ticked is not None and missing:
                text = _("Not ticked: %(lines)s") % {"lines": formats.listed(missing)}
                self.add_error(f"list_{need.code}", text)
        return values

    @property
    def checklists(self) -> dict[str, list[str]]:
        """The ticked lines of every list, by its code."""
        return {one.code: self.cleaned_data[f"list_{one.code}"] for one in self.asked.checklists}


class EditForm(forms.Form):
    """The fields of a case as they are."""

    title = forms.CharField(label=_("What is it about?"), max_length=200)
    priority = forms.ChoiceField(label=_("Priority"), choices=list(words.PRIORITIES.items()))

    def __init__(
        self, fields: Sequence[Field], *args: Any, asks_place: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for one in fields:
            if one.kind != "photo":
                self.fields[PREFIX + one.code] = form_field(one, required=one.required)
        if asks_place:
            self.fields["place"] = where_field()
            self.fields |= spot_fields()


class NoteForm(forms.Form):
    """A remark, with photos if there are any."""

    note = forms.CharField(
        label=_("Note"), max_length=LONG_TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = kit.PhotosField(label=_("Photos"), required=False)


class GiveForm(forms.Form):
    """Who is responsible from now on."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        self.fields["owner"] = person_field(_("Responsible"), required=False)
        self.fields["unit"] = unit_field(_("Unit"), required=False)
        self.fields["due_at"] = kit.MomentField(
            label=_("Deadline of its own"),
            required=False,
            help_text=_("Empty: it stays as it is."),
        )
        self.fields["note"] = note


class PauseForm(forms.Form):
    """Why the clocks stop."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, case_type: CaseType, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        reasons = [(one.code, one.label) for one in case_type.pauses]
        self.fields["reason"] = forms.ChoiceField(
            label=_("Why do the clocks stop?"), choices=reasons, widget=forms.RadioSelect
        )
        self.fields["note"] = note
        self.reasons = {one.code: one for one in case_type.pauses}

    def clean(self) -> dict[str, Any]:
        """Some reasons need a sentence."""
        values = super().clean() or {}
        reason = self.reasons.get(values.get("reason", ""))
        if reason is not None and reason.needs_note and not values.get("note"):
            self.add_error("note", _("This reason needs a sentence."))
        return values


class CallBackForm(forms.Form):
    """What whoever raised the case said when they were asked."""

    reached = forms.ChoiceField(
        label=_("Was somebody reached?"),
        choices=(("yes", _("Yes")), ("no", _("No"))),
        widget=forms.RadioSelect,
        initial="yes",
    )
    note = forms.CharField(
        label=_("What they said"),
        required=False,
        max_length=LONG_TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, call_back: declaring.CallBack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        self.fields["score"] = forms.TypedChoiceField(
            label=_("How content are they?"),
            choices=[(n, _score_words(n, call_back)) for n in range(call_back.score_max, 0, -1)],
            widget=forms.RadioSelect,
            required=False,
            coerce=int,
            empty_value=None,
        )
        self.fields["due_at"] = kit.MomentField(
            label=_("New deadline"),
            required=False,
            help_text=_("Only where they are not content and the case is taken up again."),
        )
        self.fields["note"] = note

    def clean(self) -> dict[str, Any]:
        """Who was reached said something."""
        values = super().clean() or {}
        if values.get("reached") == "yes" and values.get("score") is None:
            self.add_error("score", _("Please choose how content they are."))
        return values


def _score_words(score: int, call_back: declaring.CallBack) -> str:
    stars = "★" * score + "☆" * (call_back.score_max - score)
    said = _("content") if score >= call_back.content_from else _("not content")
    return f"{stars} {said}"


class ReopenForm(forms.Form):
    """Why a closed case is taken up again, and until when."""

    def __init__(self, reopen: declaring.Reopen, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"] = kit.MomentField(
            label=_("New deadline"),
            required=reopen.limit is None,
            help_text="" if reopen.limit is None else _("Empty: as declared for such cases."),
        )
        self.fields["note"] = forms.CharField(
            label=_("Why?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )


class RelateForm(forms.Form):
    """How a case hangs together with another."""

    how = forms.ChoiceField(label=_("How"), choices=list(words.RELATIONS.items()))
    other = forms.CharField(
        label=_("Number of the other case"), max_length=20, help_text=_("As it stands on its page.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000)
