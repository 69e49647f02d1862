"""The forms by which people change a case: steps of its kind, and what may be done in any state."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases, files
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring, moving, reading, refusals, ticking, values
from huoshui.kernel.cases.declaring import CaseType, Transition
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, case, controls, forms, offers, pictures, seen, shown
from huoshui.kernel.pages import kit


class Deed(kit.FormPage):
    """Something done with one case; says which, and leads back to it.

    The page carries the revision that its reader saw, so that nobody overwrites what somebody else
    did meanwhile, and a key, so that a form sent twice is done once.
    """

    permission = permissions.SIGNED_IN
    template = "cases/deed.html"
    short = ""
    done: Any = ""

    @cached_property
    def case(self) -> Case:
        """The case of the address; refuses with `cases.unknown_case`."""
        return seen.case_or_refusal(self.request.user, self.kwargs["number"])

    @cached_property
    def case_type(self) -> CaseType:
        """What the case is; refuses with `cases.unknown_type`."""
        found = declaring.case_type(self.case.type_code)
        if found is None:
            raise refusals.UnknownType(self.case.type_code)
        return found

    @property
    def case_url(self) -> str:
        """The page of the case."""
        return addresses.case_url(self.case.number)

    def respond(self) -> Any:
        """Refuse at once who may not do it, then show or do it."""
        self.refuse()
        return super().respond()

    def refuse(self) -> None:
        """Refuse who may not do this with the case."""
        code = self.case_type.permission(self.short)
        permissions.require(self.request.user, code)
        if not seen.may(self.request.user, self.case, self.short):
            raise refusals.NotInYourUnit(self.case.number)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the case and its list."""
        return (
            (self.case_type.name, addresses.list_url(self.case_type.code)),
            (f"{self.case.number} {self.case.title}", self.case_url),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the case."""
        return self.case_url

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Show what the deed is about, and carry revision and key."""
        row = self.case
        return {
            "case": row,
            "state": shown.state_badge(row),
            "left": shown.left_of(row).html,
            "revision": row.revision,
            "key": request.POST.get("key") or uuid.uuid4().hex,
            "facts": case.field_facts(row, masked=True),
        }

    @property
    def revision(self) -> int | None:
        """The case as the reader saw it."""
        given = self.request.POST.get("revision", "")
        return int(given) if given.isdecimal() and len(given) < 10 else None

    @property
    def key(self) -> str:
        """What makes a repeated form the same request."""
        return self.request.POST.get("key", "")[:64]

    @property
    def by_id(self) -> int:
        """Who does it."""
        return int(self.request.user.pk)  # type: ignore[arg-type]

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Do it, all or nothing, and go back to the case."""
        self.prepare(form)
        with transaction.atomic():
            self.do(form)
        if self.done:
            messages.success(request, str(self.done))
        return self.case_url

    def prepare(self, form: Any) -> None:
        """Do what takes long and writes nothing, while nobody else has to wait for it."""

    def do(self, form: Any) -> None:
        """Do it with what was filled in."""
        raise NotImplementedError


class Step(Deed):
    """Take one of the steps that the kind of case declares."""

    done: Any = _("Done.")

    @cached_property
    def step(self) -> Transition:
        """The step of the address."""
        found = self.case_type.transition(self.kwargs["step"])
        if found is None:
            raise refusals.NotPossibleHere(
                self.case.number, self.kwargs["step"], reading.state_label(self.case)
            )
        return found

    @cached_property
    def asked(self) -> offers.Asked:
        """What the step asks for.

        Personal data that is there already is offered only to who may see it: whoever cannot would
        empty it by leaving its box empty.
        """
        found = offers.asked_by(self.case_type, self.step, self.case)
        if not reading.may_unmask(self.request.user, self.case):  # type: ignore[arg-type]
            found.fields = [one for one in found.fields if not self._is_kept_private(one)]
        return found

    def _is_kept_private(self, field: declaring.Field) -> bool:
        return field.private and offers.is_filled(self.case_type, self.case, field.code)

    def refuse(self) -> None:
        """Refuse who may not take the step from here, before anybody fills a form in."""
        code = self.case_type.permission(self.step.permission)
        permissions.require(self.request.user, code)
        if not seen.may(self.request.user, self.case, self.step.permission):
            raise refusals.NotInYourUnit(self.case.number)
        if self.step not in moving.possible(self.request.user, self.case):  # type: ignore[arg-type]
            label = reading.state_label(self.case)
            raise refusals.NotPossibleHere(self.case.number, self.step.label, label)

    def heading(self, request: HttpRequest) -> Any:
        """Return what the step is called."""
        return self.step.label

    @property
    def submit_label(self) -> Any:  # type: ignore[override]
        """The step by its own name."""
        return self.step.label

    @property
    def submit_colour(self) -> str:  # type: ignore[override]
        """Green where it ends well, red where the case is given up."""
        to = self.case_type.state(self.step.to)
        return offers.colour_of(to) if to else "primary"

    @property
    def explanation(self) -> Any:  # type: ignore[override]
        """What the declaration says of the step, and that a second person is wanted."""
        said = [str(self.step.help)] if self.step.help else []
        if self.asked.second_person:
            said.append(gettext("A second person takes this step, not who took the one before."))
        return " ".join(said)

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.StepForm:
        """Return the form for what is asked."""
        return forms.StepForm(self.asked, **arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what is written down already; who sees personal data this way is recorded."""
        if request.method != "POST" and any(map(self._is_kept_private, self.asked.fields)):
            with transaction.atomic():
                reading.unmask(request.user, self.case)  # type: ignore[arg-type]
        found = controls.initial_values(self.asked.fields, _shown_values(request, self.case))
        if request.user.is_authenticated:
            found["owner"] = self.case.owner_id or request.user.pk
        return found

    def prepare(self, form: forms.StepForm) -> None:
        """Check photos and signature."""
        drawn = form.cleaned_data.get(forms.SIGNATURE, "")
        self.photos = pictures.read_all(self.case_type, controls.photos_of(form, self.asked.fields))
        self.signature = pictures.read_signature(self.case_type, drawn)

    def do(self, form: forms.StepForm) -> None:
        """Keep photos and signature, then take the step."""
        given = form.cleaned_data
        kept = pictures.keep_all(self.case_type, self.photos, self.by_id)
        drawn = self.signature
        signed = (
            files.keep(drawn, self.by_id, self.case_type.photo_kind).pk
            if drawn is not None
            else None
        )
        owner = given.get("owner")
        moved = cases.act(
            self.case.number,
            self.step.code,
            by_id=self.by_id,
            note=given["note"],
            fields={**controls.values_of(form, self.asked.fields), **kept.by_field},
            photos=kept.of_step,
            checklist=[line for lines in form.checklists.values() for line in lines],
            signature=signed,
            owner_id=owner.pk if owner else None,
            unit=given.get("unit") or None,
            due_at=given.get("due_at"),
            revision=self.revision,
            key=self.key,
        )
        label = reading.label_in(moved.type_code, "states", moved.state)
        self.done = gettext("%(number)s is now: %(state)s.") % {
            "number": moved.number,
            "state": label,
        }


def _shown_values(request: HttpRequest, row: Case) -> dict[str, Any]:
    """Return the values a form may start with: personal data only for who sees it in full."""
    if reading.may_unmask(request.user, row):  # type: ignore[arg-type]
        return values.all_of(row)
    return dict(row.values)


class Give(Deed):
    """Say who is responsible from now on."""

    title = _("Give the case to somebody")
    short = "assign"
    form_class = forms.GiveForm
    submit_label = _("Give it")
    done = _("The case was given.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with who has it."""
        row = self.case
        return {"owner": row.owner_id, "unit": _unit_code(row)}

    def do(self, form: Any) -> None:
        """Give it."""
        given = form.cleaned_data
        cases.assign(
            self.case.number,
            by_id=self.by_id,
            owner_id=given["owner"].pk if given["owner"] else None,
            to_nobody=not given["owner"],
            unit=given["unit"] or None,
            due_at=given["due_at"],
            note=given["note"],
            revision=self.revision,
            key=self.key,
        )


def _unit_code(row: Case) -> str:
    from huoshui.kernel.organisation import tree

    node = tree.on().nodes.get(row.unit_id or 0)
    return node.code if node else ""


class Note(Deed):
    """Write a sentence into the timeline."""

    title = _("Add a note")
    short = "note"
    form_class = forms.NoteForm
    submit_label = _("Add")
    done = _("The note was added.")

    def prepare(self, form: Any) -> None:
        """Check the photos."""
        self.photos = pictures.read_all(self.case_type, controls.photos_of(form, ()))

    def do(self, form: Any) -> None:
        """Write it."""
        given = form.cleaned_data
        kept = pictures.keep_all(self.case_type, self.photos, self.by_id)
        cases.note(
            self.case.number, given["note"], by_id=self.by_id, photos=kept.of_step, key=self.key
        )


class Edit(Deed):
    """Change what is written of a case."""

    title = _("Change details")
    short = "edit"
    done = _("The details were changed.")

    @cached_property
    def fields(self) -> list[declaring.Field]:
        """The fields that this reader may change: personal data only where they see it in full."""
        sees = reading.may_unmask(self.request.user, self.case)  # type: ignore[arg-type]
        return [one for one in self.case_type.fields if sees or not one.private]

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.EditForm:
        """Return the form of all fields."""
        return forms.EditForm(self.fields, asks_place=self.case_type.asks_place, **arguments)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the map, where the case may have a place."""
        return {**super().context(request), "asks_place": self.case_type.asks_place}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what is there; who sees personal data this way is recorded."""
        row = self.case
        if any(one.private for one in self.fields) and request.method != "POST":
            with transaction.atomic():
                reading.unmask(request.user, row)  # type: ignore[arg-type]
        return {
            "title": row.title,
            "place": row.place,
            "lon": row.lon,
            "lat": row.lat,
            "priority": ticking.PRIORITY_CODES.get(row.priority, "normal"),
            **controls.initial_values(self.fields, _shown_values(request, row)),
        }

    def do(self, form: Any) -> None:
        """Change them."""
        given = form.cleaned_data
        cases.edit(
            self.case.number,
            by_id=self.by_id,
            title=given["title"],
            place=given.get("place"),
            lon=given.get("lon"),
            lat=given.get("lat"),
            priority=given["priority"],
            fields=controls.values_of(form, self.fields),
            revision=self.revision,
            key=self.key,
        )


class Pause(Deed):
    """Stop the clocks, and say why."""

    title = _("Stop the clocks")
    short = "pause"
    submit_label = _("Stop them")
    submit_colour = "warning"
    done = _("The clocks stand still.")

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.PauseForm:
        """Return the form with the declared reasons."""
        return forms.PauseForm(self.case_type, **arguments)

    def do(self, form: Any) -> None:
        """Stop them."""
        given = form.cleaned_data
        cases.pause(
            self.case.number, given["reason"], by_id=self.by_id, note=given["note"], key=self.key
        )


class Resume(Deed):
    """Let the clocks go on."""

    title = _("Let the clocks go on")
    short = "pause"
    submit_label = _("Let them go on")
    done = _("The clocks go on.")

    def do(self, form: Any) -> None:
        """Let them go on with what remained."""
        cases.resume(self.case.number, by_id=self.by_id, key=self.key)
