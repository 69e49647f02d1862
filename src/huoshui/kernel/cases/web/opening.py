"""The form by which people open a case of one kind."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.web import addresses, controls, forms, pictures, seen, ways
from huoshui.kernel.pages import kit

LINK = re.compile(r"([a-z_]+\.[a-z_]+):(\S{1,80})")


class NewCase(kit.FormPage):
    """Open a case; the address may bring along what is known of it.

    ``title``, ``place``, ``lon``, ``lat``, ``link`` (kind:code, any number of them) and the codes
    of fields that are no personal data start the form.
    """

    permission = permissions.SIGNED_IN
    template = "cases/new.html"
    submit_label = _("Open the case")

    @cached_property
    def case_type(self) -> CaseType:
        """What is opened; refuses who may not."""
        return seen.type_or_refusal(self.request.user, self.kwargs["type_code"], "open")

    def respond(self) -> Any:
        """Refuse first who may not."""
        assert self.case_type
        return super().respond()

    def heading(self, request: HttpRequest) -> Any:
        """Return what is opened."""
        return gettext("New: %(kind)s") % {"kind": self.case_type.label}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ways.trail(self.case_type)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return addresses.list_url(self.case_type.code)

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.OpenForm:
        """Return the form of this kind."""
        return forms.OpenForm(self.case_type, **arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Take over what the address says."""
        asked = request.GET
        known = {
            controls.PREFIX + one.code: asked[one.code]
            for one in self.case_type.fields
            if not one.private and one.code in asked
        }
        plain = {name: asked[name] for name in ("title", "place", "lon", "lat") if name in asked}
        return {**known, **plain, "priority": "normal", "links": " ".join(asked.getlist("link"))}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Carry the key that makes a repeated form the same request."""
        return {
            "key": request.POST.get("key") or uuid.uuid4().hex,
            "asks_place": self.case_type.asks_place,
        }

    def submit(self, request: HttpRequest, form: forms.OpenForm) -> str:
        """Open it and show it."""
        given, fields = form.cleaned_data, self.case_type.fields
        by_id = int(request.user.pk)  # type: ignore[arg-type]
        owner = given["owner"]
        photos = pictures.read_all(self.case_type, controls.photos_of(form, fields))
        with transaction.atomic():
            kept = pictures.keep_all(self.case_type, photos, by_id)
            opened = cases.open_case(
                self.case_type.code,
                given["title"],
                by_id=by_id,
                fields={**controls.values_of(form, fields), **kept.by_field},
                lon=given["lon"],
                lat=given["lat"],
                place=given.get("place", ""),
                unit=given["unit"] or None,
                owner_id=owner.pk if owner else None,
                priority=given["priority"],
                channel=given.get("channel", ""),
                links=LINK.findall(given["links"]),
                person={
                    "name": given.get("person_name", ""),
                    "phone": given.get("person_phone", ""),
                },
                due_at=given["due_at"],
                key=f"{by_id}:{request.POST.get('key', '')[:64]}"
                if request.POST.get("key")
                else "",
            )
        messages.success(request, gettext("%(number)s was opened.") % {"number": opened.number})
        return addresses.case_url(opened.number)
