"""The list of announcements, and the form that adds one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import actions, queries, rules
from huoshui.areas.announcements.models import Announcement
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class AnnouncementList(kit.ListPage):
    """All announcements."""

    title = _("Announcements")
    permission = "announcements.read"
    url_name = "announcements:announcements"
    columns = (
        kit.Column("code", _("Code")),
        kit.Column("name", _("Name")),
        kit.Column("added_at", _("Added"), format="moment"),
    )
    search = ("code", "name")
    default_sort = "code"
    empty = _("Nothing has been added yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Announcement]:
        return queries.announcement_rows()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "announcements.edit"):
            return ()
        return (kit.link_button(_("Add"), reverse("announcements:add"), icon="plus"),)


class AnnouncementForm(forms.Form):
    """What is asked of a new announcement."""

    code = forms.CharField(label=_("Code"), max_length=rules.CODE_LENGTH_MAX)
    name = forms.CharField(label=_("Name"), max_length=200)


class NewAnnouncement(kit.FormPage):
    """Add a announcement."""

    title = _("Add")
    permission = "announcements.edit"
    form_class = AnnouncementForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.add_announcement(
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            by_id=request.user.pk,
        )
        return reverse("announcements:announcements")
