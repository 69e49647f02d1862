"""Pages that exist only in tests: a list, a detail and a form made by the kit."""

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path

from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import kit


def send_away(request: HttpRequest, ids: list[int]) -> int:
    changed = User.objects.filter(pk__in=ids).update(is_active=False)
    if request.GET.get("q") == "undo":
        kit.undo(request, f"{changed} sent away", "/test/back/")
    return changed


class People(kit.ListPage):
    title = "People"
    permission = "accounts.manage"
    url_name = "people"
    bulk = (
        kit.BulkAction(
            "send_away", "Send away", send_away, permission="accounts.manage", confirm="All {n}?"
        ),
        kit.BulkAction("secret", "Secret", send_away, permission="accounts.nobody_has_this"),
    )
    columns = (
        kit.Column("username", "User name", href=lambda row: f"/test/people/{row.pk}/"),
        kit.Column("name", "Name"),
        kit.Column("is_active", "State", badge={True: ("Here", "green"), False: ("Gone", "red")}),
        kit.Column("created_at", "Since", format="moment"),
        kit.Column("pk", "Size", format=".1f", unit="m", sort="pk", value=lambda row: row.pk / 2),
        kit.Column("phone", "Telephone", optional=True),
    )
    search = ("username", "name")
    filters = (
        kit.ChoiceFilter("is_active", "State", choices=((True, "Here"), (False, "Gone"))),
        kit.PeriodFilter("created_at", "Since"),
    )
    default_sort = "username"
    page_size = 20
    empty = "Nobody yet. Add the first person."

    def rows(self, request: HttpRequest):
        return User.objects.exclude(username="reader")


class Colours(kit.ListPage):
    title = "Colours"
    permission = "accounts.manage"
    columns = (kit.Column("name", "Name"), kit.Column("size", "Size", format=".0f"))
    search = ("name",)
    filters = (kit.TextFilter("name", "Name"),)
    default_sort = "-size"

    def rows(self, request: HttpRequest):
        return [
            {"name": "red", "size": 2.0},
            {"name": "green", "size": None},
            {"name": "=1+1", "size": 3.0},
        ]


class Person(kit.DetailPage):
    permission = "accounts.manage"

    def get_object(self, request: HttpRequest, pk: int):
        found = User.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def facts(self, request: HttpRequest, obj: User):
        return [
            kit.Section("Facts", [("Name", obj.name), ("Phone", obj.phone), ("Size", 12.5, "m")])
        ]

    def actions(self, request: HttpRequest, obj: User):
        return [kit.action_button(request, "Remove", "/test/gone/", confirm="Really <remove>?")]


class NewPersonForm(forms.Form):
    name = forms.CharField(label="Name", max_length=5)
    at = kit.MomentField(label="From", required=False)
    after = forms.ModelChoiceField(label="After", queryset=User.objects.all(), required=False)


class NewPerson(kit.FormPage):
    title = "New person"
    permission = "accounts.manage"
    form_class = NewPersonForm

    def submit(self, request: HttpRequest, form: NewPersonForm):
        if form.cleaned_data["name"] == "Bob":
            raise errors.Refused("test.bob", "No Bob here.", next_step="Choose another name.")
        request.session["at"] = str(form.cleaned_data["at"])
        return "/test/people/"


def add(name: str) -> User:
    return User.objects.create(username=uuid.uuid4().hex, name=name, created_at=clock.now())


class AddPerson(kit.FormPage):
    title = "Add person"
    permission = "accounts.manage"
    form_class = NewPersonForm
    once = True

    def submit(self, request: HttpRequest, form: NewPersonForm):
        made = add(form.cleaned_data["name"])
        if made.name == "Bob":
            raise errors.Refused("test.bob", "No Bob here.", next_step="Choose another name.")
        return f"/test/people/{made.pk}/"


@permissions.needs("accounts.manage")
@kit.once
def add_ann(request: HttpRequest) -> HttpResponse:
    made = add("Ann")
    return HttpResponseRedirect(f"/test/people/{made.pk}/")


urlpatterns = [
    People.path("test/people/", name="people"),
    Colours.path("test/colours/", name="colours"),
    Person.path("test/people/<int:pk>/", name="person"),
    NewPerson.path("test/people/new/", name="new_person"),
    AddPerson.path("test/people/add/", name="add_person"),
    path("test/people/ann/", add_ann, name="add_ann"),
    path("", include("huoshui.kernel.pages.urls")),
    path("", include("huoshui.kernel.accounts.urls")),
]
