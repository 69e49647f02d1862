"""The form page: shows a form, keeps what was typed, and says what is wrong where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, errors
from huoshui.kernel.pages import formats
from huoshui.kernel.pages.kit import sending
from huoshui.kernel.pages.kit.mounting import Mounted


class MomentField(forms.DateTimeField):
    """A moment on the city's clock, chosen with the browser's own calendar."""

    widget = forms.DateTimeInput(
        format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "step": "60"}
    )
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo:
            return clock.local(value).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment is None:
            return None
        if moment.year not in formats.YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment.replace(tzinfo=clock.local_zone())


class _Photos(forms.FileInput):
    allow_multiple_selected = True
    template_name = "pages/kit/photos.html"


class PhotosField(forms.FileField):
    """Any number of photos; the cleaned value is a list. On a phone it offers the camera."""

    widget = _Photos(attrs={"accept": "image/*", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not given:
            super().clean(None, initial)
            return []
        return [super(PhotosField, self).clean(one, initial) for one in given]


STYLES: Sequence[tuple[type[forms.Widget], str]] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)

# What Django says by itself where nothing is chosen; other lists of ours show one dash.
NOTHING_CHOSEN = "---------"


def dress(form: forms.BaseForm) -> None:
    """Give every control of a form the classes of our look, and mark what is wrong."""
    for bound in form:
        if (
            isinstance(bound.field, forms.ModelChoiceField)
            and bound.field.empty_label == NOTHING_CHOSEN
        ):
            bound.field.empty_label = "—"
        widget = bound.field.widget
        css = next(style for kind, style in STYLES if isinstance(widget, kind))
        wrong = " is-invalid" if form.is_bound and bound.errors else ""
        widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}{wrong}".strip()


class FormPage(Mounted):
    """A form by declaration; override `submit`, and `initial` or `get_form` where needed.

    ``submit`` returns an address to go to, or a response. What it refuses is shown at the top of
    the form with everything still typed in; with wrong values the answer is 422. Say ``once`` of a
    form that adds something: sent twice it is done once, ``submit`` being one transaction.
    """

    title: Any = ""
    permission: str = ""
    form_class: type[forms.BaseForm] = forms.Form
    submit_label: Any = _("Save")
    submit_colour: str = "primary"
    cancel_url: str = ""
    explanation: Any = ""
    confirm: Any = ""
    once: bool = False
    template: str = "pages/kit/form.html"

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Return the values a fresh form starts with."""
        return {}

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form; ``arguments`` are data, files and initial."""
        return self.form_class(**arguments)

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse | str:
        """Do it with ``form.cleaned_data``; return where to go."""
        raise NotImplementedError

    def heading(self, request: HttpRequest) -> Any:
        """Return the page's title."""
        return self.title

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Return breadcrumbs as (label, address)."""
        return ()

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Return where the cancel link leads; empty for no link."""
        return self.cancel_url

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Return more values for a template of one's own."""
        return {}

    def respond(self) -> HttpResponse:
        """Show the form, or do what it asks."""
        request = self.request
        initial = dict(self.initial(request))
        if request.method != "POST":
            return self._show(self.get_form(request, initial=initial), status=200)
        form = self.get_form(request, data=request.POST, files=request.FILES, initial=initial)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            if self.once:
                answer = sending.done_once(request, lambda: self.submit(request, form))
            else:
                answer = self.submit(request, form)
        except errors.Refused as refusal:
            return self._show(form, status=refusal.status, refusal=refusal)
        return HttpResponseRedirect(answer) if isinstance(answer, str) else answer

    def _ask_for_files_again(self, form: Any) -> None:
        """Say beside each field whose files were sent that they are needed once more."""
        for name in self.request.FILES:
            if name in form.fields:
                form.add_error(
                    name, _("Please choose the files again: a browser never keeps them in a form.")
                )

    def _show(
        self, form: Any, *, status: int, refusal: errors.Refused | None = None
    ) -> HttpResponse:
        if status != 200:
            self._ask_for_files_again(form)
        dress(form)
        context = {
            "page": self,
            "form": form,
            "title": self.heading(self.request),
            "trail": self.trail(self.request),
            "cancel_url": self.get_cancel_url(self.request),
            "refusal": refusal,
            **self.context(self.request),
        }
        return render(self.request, self.template, context, status=status)
