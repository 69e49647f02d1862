"""No is the default; posts open what they are declared to open."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.urls import path
from django.views import View

from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import actions, permissions, post_actions
from huoshui.kernel.accounts.models import PostHolding, User


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """A permission of an imaginary area, which dispatchers have by default."""
    monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
    permissions.declare("lamps.light", "Light a lamp", posts=("dispatcher",))
    permissions.declare("lamps.break", "Break a lamp")


def user_with(*posts: str) -> User:
    user, _password = actions.add_user("wang", "Wang", posts=posts)
    return user


def again(user: User) -> User:
    """The same user as the next request sees them."""
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
class TestHolds:
    @pytest.mark.parametrize(
        ("posts", "may"),
        [
            ((), False),
            (("viewer",), False),
            (("dispatcher",), True),
            (("viewer", "dispatcher"), True),
            (("administrator",), True),
        ],
    )
    def test_follows_the_posts(self, posts, may):
        assert permissions.holds(user_with(*posts), "lamps.light") is may

    def test_ends_with_the_holding(self):
        user = user_with("dispatcher")
        PostHolding.objects.update(until_at=clock.now())

        assert not permissions.holds(again(user), "lamps.light")

    def test_does_not_begin_before_the_holding(self):
        user = user_with("dispatcher")
        PostHolding.objects.update(from_at=clock.now() + timedelta(days=1))

        assert not permissions.holds(again(user), "lamps.light")

    def test_follows_what_an_installation_changed(self):
        user = user_with("dispatcher")
        allowed = permissions.of_post("dispatcher") - {"lamps.light"} | {"lamps.break"}
        post_actions.set_post_permissions("dispatcher", allowed)

        assert not permissions.holds(again(user), "lamps.light")
        assert permissions.holds(again(user), "lamps.break")

    def test_gives_nothing_to_who_may_not_sign_in(self):
        user = user_with("administrator")
        user.is_active = False

        assert not permissions.holds(user, "lamps.light")

    def test_gives_nothing_to_nobody(self):
        assert not permissions.holds(AnonymousUser(), "lamps.light")

    def test_asks_the_database_once_a_request(self, django_assert_num_queries):
        user = user_with("dispatcher", "viewer")
        clock.now()
        with django_assert_num_queries(1):
            for _ in range(10):
                permissions.holds(user, "lamps.light")

    def test_refuses_with_the_name_of_what_is_missing(self):
        with pytest.raises(errors.Refused) as refused:
            permissions.require(user_with("viewer"), "lamps.light")

        assert refused.value.status == 403
        assert refused.value.data == {"permission": "lamps.light"}


class TestDeclare:
    def test_refuses_a_post_that_does_not_exist(self):
        with pytest.raises(ValueError, match="lamplighter"):
            permissions.declare("lamps.clean", "Clean", posts=("lamplighter",))


def unmarked(request):
    """A view whose author forgot to say who may open it."""
    return HttpResponse("secret")


class UnmarkedClass(View):
    def get(self, request):
        return HttpResponse("secret")


class MarkedClass(View):
    permission = "lamps.light"

    def get(self, request):
        return HttpResponse("lit")


@permissions.needs("lamps.light")
def marked(request):
    return HttpResponse("lit")


@permissions.public
def open_to_all(request):
    return HttpResponse("hello")


urlpatterns = [
    path("unmarked/", unmarked),
    path("unmarked-class/", UnmarkedClass.as_view()),
    path("marked/", marked),
    path("marked-class/", MarkedClass.as_view()),
    path("open/", open_to_all),
    path("sign-in/", open_to_all, name="sign_in"),
]
JSON = {"accept": "application/json"}


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestMiddleware:
    @pytest.mark.parametrize("address", ["/unmarked/", "/unmarked-class/"])
    def test_refuses_an_unmarked_view_even_to_the_administrator(self, client, address):
        client.force_login(user_with("administrator"))

        answer = client.get(address, headers=JSON)

        assert answer.status_code == 403
        assert b"secret" not in answer.content

    @pytest.mark.parametrize("address", ["/marked/", "/marked-class/"])
    @pytest.mark.parametrize(("post", "status"), [("viewer", 403), ("dispatcher", 200)])
    def test_lets_through_who_holds_the_mark(self, client, address, post, status):
        client.force_login(user_with(post))

        assert client.get(address, headers=JSON).status_code == status

    def test_tells_a_program_that_nobody_is_signed_in(self, client):
        answer = client.get("/marked/", headers=JSON)

        assert answer.status_code == 401
        assert answer.json()["code"] == "accounts.sign_in_needed"

    def test_lets_everybody_see_what_is_public(self, client):
        assert client.get("/open/").content == b"hello"


@pytest.mark.django_db
class TestPagesOfPeople:
    def test_sends_a_person_to_the_sign_in_page_and_back(self, client):
        answer = client.get("/files/5f7c1a52-3b1c-4a54-9a5f-0e8f5b6d7a11/?a=1")

        assert answer.status_code == 302
        assert answer["Location"] == (
            "/sign-in/?next=%2Ffiles%2F5f7c1a52-3b1c-4a54-9a5f-0e8f5b6d7a11%2F%3Fa%3D1"
        )

    def test_every_page_of_the_product_is_marked(self):
        from django.urls import get_resolver

        unmarked_views = [
            view
            for view in _views(get_resolver().url_patterns)
            if getattr(view, "__module__", "") != "ninja.operation"
            and permissions.required_by(view) is None
            # The root of the API only exists so that its address can be built; it shows nothing.
            and getattr(getattr(view, "func", None), "__name__", "") != "default_home"
        ]

        assert unmarked_views == []

    def test_every_endpoint_says_which_permission_it_needs(self):
        from ninja.constants import NOT_SET

        from huoshui.project.api import api

        silent = [
            f"{operation.methods} {address}"
            for _prefix, router in api._routers
            for address, found in router.path_operations.items()
            for operation in found.operations
            if operation.auth_param is NOT_SET or not operation.auth_param
        ]

        assert silent == []


def _views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns)
        else:
            yield pattern.callback
