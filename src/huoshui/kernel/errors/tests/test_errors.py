"""Three families of errors, told to people as pages and to programs as JSON."""

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

from huoshui.kernel import errors
from huoshui.kernel.accounts import actions, permissions, sessions
from huoshui.kernel.errors import web

JSON = {"accept": "application/json"}


class LampIsOn(errors.Refused):
    def __init__(self):
        super().__init__(
            "lamps.is_on",
            "Lamp 7 is on.",
            data={"lamp": 7},
            next_step="Switch it off first.",
        )


@permissions.public
def refuse(request):
    raise LampIsOn


@permissions.public
def unavailable(request):
    raise errors.Unavailable("lamps.dark", "The power is cut.", retry_after_s=7)


@permissions.public
def broken(request):
    raise ZeroDivisionError("secret detail")


@permissions.public
def busy(request):
    raise OperationalError("database is locked")


@permissions.public
def outdated(request):
    raise OperationalError("no such table: lamps_lamp")


@permissions.public
def told(request):
    return HttpResponse(str(len(request.POST.get("words", ""))))


told.csrf_exempt = True


api = NinjaAPI(urls_namespace="lamps", auth=None)
web.answer_errors(api)


@api.get("/refuse")
def api_refuse(request: HttpRequest) -> None:
    raise LampIsOn


@api.get("/broken")
def api_broken(request: HttpRequest) -> None:
    raise ZeroDivisionError("secret detail")


@api.get("/number/{number}")
def api_number(request: HttpRequest, number: int) -> int:
    return number


urlpatterns = [
    path("refuse/", refuse),
    path("unavailable/", unavailable),
    path("broken/", broken),
    path("busy/", busy),
    path("outdated/", outdated),
    path("told/", told),
    path("api/v1/", api.urls),
    path("", include("huoshui.project.urls")),
]
handler404 = "huoshui.kernel.errors.web.not_found"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


class TestPages:
    @pytest.mark.parametrize(
        ("address", "status", "code"),
        [
            ("/refuse/", 409, "lamps.is_on"),
            ("/unavailable/", 503, "lamps.dark"),
            ("/broken/", 500, "pages.broken"),
            ("/busy/", 503, "pages.database_busy"),
            ("/outdated/", 500, "pages.broken"),
            ("/nothing/", 404, "pages.not_found"),
        ],
    )
    def test_say_what_happened_in_words(self, client, address, status, code):
        answer = client.get(address)

        assert answer.status_code == status
        assert answer["Content-Type"].startswith("text/html")
        assert code in answer.content.decode()
        assert "secret detail" not in answer.content.decode()

    def test_give_a_program_code_message_data_and_next_step(self, client):
        assert client.get("/refuse/", headers=JSON).json() == {
            "code": "lamps.is_on",
            "message": "Lamp 7 is on.",
            "data": {"lamp": 7},
            "next_step": "Switch it off first.",
        }

    @pytest.mark.parametrize(("size", "status"), [(999_000, 200), (1_001_000, 413)])
    def test_take_only_a_small_form_from_a_stranger(self, client, size, status):
        answer = client.post("/told/", {"words": "x" * size}, headers={"accept-language": "en"})

        assert answer.status_code == status
        assert ("Send fewer" in answer.content.decode()) == (status == 413)

    def test_take_photos_only_from_who_has_a_session(self, client):
        client.cookies[settings.SESSION_COOKIE_NAME] = "x"
        claimed = client.post("/told/", {"words": "x" * 1_001_000})
        client.force_login(actions.add_user("lin", "Lin")[0], backend=sessions.BACKEND)

        assert claimed.status_code == 302
        assert claimed["Location"].startswith("/sign-in/?next=")
        assert client.post("/told/", {"words": "x" * 1_001_000}).status_code == 200

    def test_take_more_where_a_page_says_so_and_from_strangers_only_where_it_is_public(
        self, client, rf
    ):
        sizes = {}
        for address in ("/imports/new/boxes/", "/q/1-1/", "/told/", "/nowhere/"):
            request = rf.generic("POST", address, CONTENT_LENGTH="3000000")
            sizes[address] = [web.bytes_allowed(request)]
            request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
            sizes[address].append(web.bytes_allowed(request))

        # 2 GB is what the form of imports promises, 15 MB the largest photo, 12 of them the usual.
        assert sizes == {
            "/imports/new/boxes/": [1_000_000, 2_000_100_000],
            "/q/1-1/": [15_100_000, 180_000_000],
            "/told/": [1_000_000, 180_000_000],
            "/nowhere/": [1_000_000, 180_000_000],
        }

    def test_say_when_to_try_again(self, client):
        assert client.get("/unavailable/", headers=JSON)["Retry-After"] == "7"

    def test_give_a_reference_that_finds_the_story_in_the_log(self, client, caplog):
        reference = client.get("/broken/", headers=JSON).json()["data"]["reference"]

        assert f"broken {reference} at GET /broken/" in caplog.text
        assert "secret detail" in caplog.text

    def test_survive_a_broken_page_of_errors(self, rf, monkeypatch):
        def fail(*args, **kwargs):
            raise ZeroDivisionError

        monkeypatch.setattr(web, "render", fail)

        answer = web.broken(rf.get("/"))

        assert answer.status_code == 500
        assert answer["Content-Type"].startswith("text/plain")


class TestApi:
    def test_refuses_in_the_same_words(self, client):
        answer = client.get("/api/v1/refuse")

        assert (answer.status_code, answer.json()["code"]) == (409, "lamps.is_on")

    def test_names_every_value_that_is_wrong(self, client):
        answer = client.get("/api/v1/number/seven")

        assert answer.status_code == 422
        assert answer.json()["code"] == "api.not_valid"
        assert answer.json()["next_step"]
        assert answer.json()["data"]["problems"][0]["name"] == "path.number"

    def test_hides_what_broke_behind_a_reference(self, client):
        answer = client.get("/api/v1/broken")

        assert answer.status_code == 500
        assert answer.json()["code"] == "pages.broken"
        assert "secret detail" not in answer.content.decode()
