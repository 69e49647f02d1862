"""Streams reach who may follow them, and a slow reader holds nobody up."""

import asyncio
import json
import threading
import time

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from huoshui.kernel import live
from huoshui.kernel.accounts import actions, permissions
from huoshui.kernel.live import app as apps
from huoshui.kernel.live import hub as hubs
from huoshui.kernel.live.app import LiveApp


class Source:
    """A stream in our hand: what ``put`` gives is new at the next look."""

    def __init__(self):
        self.items: list[dict] = []
        self.polled = 0
        self.broken = False
        self.lock = threading.Lock()

    def put(self, **item):
        with self.lock:
            self.items.append(item)

    def poll(self, cursor):
        self.polled += 1
        if self.broken:
            raise ConnectionError("the store is being restored")
        with self.lock:
            if cursor is None:
                newest = {item["key"]: item for item in self.items}
                return len(self.items), list(newest.values())
            return len(self.items), self.items[cursor:]


@pytest.fixture
def source(monkeypatch):
    """A stream ``lamps`` for viewers, looked at very often."""
    found = Source()
    monkeypatch.setattr(live, "_streams", {})
    monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
    monkeypatch.setattr(hubs, "POLL_S", 0.01)
    permissions.declare("lamps.follow", "Follow lamps", posts=("viewer",))
    live.stream("lamps", found.poll, "lamps.follow")
    return found


@pytest.fixture
def viewer():
    return actions.add_user("wang", "Wang", posts=("viewer",))[0]


class Reader:
    """A browser that follows a stream: what arrived so far, and a way to leave."""

    def __init__(
        self, app, user=None, query="", path="/live/lamps", method="GET", host="localhost"
    ):
        cookie = ""
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies['huoshui_session'].value}"
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"host", host.encode()), (b"cookie", cookie.encode())],
        }
        self.app = app
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.stuck = False

    async def follow(self):
        self.left = asyncio.Event()
        await self.app(self.scope, self.receive, self.send)

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        while self.stuck:
            await asyncio.sleep(0.005)
        self.body += message["body"]

    @property
    def items(self) -> list[dict]:
        lines = [line for line in self.body.decode().split("\n") if line.startswith("data: ")]
        return [item for line in lines for item in json.loads(line.removeprefix("data: "))]


def play(scene, **options):
    """Run one scene with a fresh application, and close what its threads opened."""

    async def run():
        app = LiveApp(**options)
        try:
            await scene(app)
        finally:
            for _ in range(8):
                app.executor.submit(connections.close_all)
            app.executor.shutdown()

    asyncio.run(run())


async def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.005)


@pytest.mark.django_db(transaction=True)
class TestWake:
    def test_makes_a_stream_look_at_once(self, source, viewer, monkeypatch):
        monkeypatch.setattr(hubs, "POLL_S", 60.0)
        reader = Reader(None, viewer)

        async def scene(app):
            reader.app = app
            following = asyncio.create_task(reader.follow())
            await until(lambda: source.polled >= 2)
            source.put(key="red", on=True)
            await asyncio.to_thread(live.wake, "lamps")
            await until(lambda: reader.items)
            reader.left.set()
            await following

        play(scene)

        assert reader.items == [{"key": "red", "on": True}]

    def test_of_a_stream_that_nobody_follows_does_nothing(self):
        live.wake("nobody-follows-this")


@pytest.mark.django_db(transaction=True)
class TestFollow:
    def test_begins_with_the_state_and_goes_on_with_what_changes(self, source, viewer):
        source.put(key="a", on=False)
        source.put(key="a", on=True)
        reader = Reader(None, viewer)

        async def scene(app):
            reader.app = app
            following = asyncio.create_task(reader.follow())
            await until(lambda: reader.items)
            assert reader.items[0] == {"key": "a", "on": True}
            source.put(key="b", on=True)
            await until(lambda: {"key": "b", "on": True} in reader.items)
            reader.left.set()
            await following

        play(scene)

        assert reader.headers["content-type"].startswith("text/event-stream")
        assert reader.headers["x-accel-buffering"] == "no"
        assert reader.body.startswith(b"retry: 3000\n\n")
        assert b"\nid: " in reader.body

    def test_sends_only_the_keys_that_were_asked_for(self, source, viewer):
        for key in "abc":
            source.put(key=key)
        reader = Reader(None, viewer, query="keys=a,c")

        async def scene(app):
            reader.app = app
            following = asyncio.create_task(reader.follow())
            await until(lambda: reader.items)
            source.put(key="b")
            source.put(key="c", last=True)
            await until(lambda: {"key": "c", "last": True} in reader.items)
            reader.left.set()
            await following

        play(scene)

        assert {item["key"] for item in reader.items} == {"a", "c"}

    def test_polls_once_for_everybody_and_stops_when_all_have_left(self, source, viewer):
        readers = [Reader(None, viewer) for _ in range(10)]

        async def scene(app):
            for reader in readers:
                reader.app = app
            following = [asyncio.create_task(reader.follow()) for reader in readers]
            await until(lambda: app.clients == 10)
            before, began = source.polled, time.monotonic()
            await asyncio.sleep(0.2)
            looks = source.polled - before
            assert looks <= (time.monotonic() - began) / hubs.POLL_S + 11
            for reader in readers:
                reader.left.set()
            await asyncio.gather(*following)
            assert app.clients == 0
            await asyncio.sleep(0.05)
            after = source.polled
            await asyncio.sleep(0.1)
            assert source.polled == after

        play(scene)

    def test_stays_alive_when_nothing_changes(self, source, viewer):
        reader = Reader(None, viewer)

        async def scene(app):
            reader.app = app
            following = asyncio.create_task(reader.follow())
            await until(lambda: b": still here" in reader.body)
            reader.left.set()
            await following

        play(scene, keep_alive_s=0.05)

    def test_goes_on_after_a_look_that_failed(self, source, viewer, monkeypatch, caplog):
        reader = Reader(None, viewer)

        async def scene(app):
            reader.app = app
            following = asyncio.create_task(reader.follow())
            await until(lambda: reader.items == [] and app.clients == 1 and source.polled > 2)
            source.broken = True
            await until(lambda: "could not be read" in caplog.text)
            source.broken = False
            source.put(key="a")
            await until(lambda: reader.items)
            reader.left.set()
            await following

        play(scene)

    def test_ends_when_the_session_ends(self, source, viewer):
        reader = Reader(None, viewer)

        async def scene(app):
            reader.app = app
            following = asyncio.create_task(reader.follow())
            await until(lambda: app.clients == 1)
            await asyncio.to_thread(end_sessions)
            await asyncio.wait_for(following, 5)

        play(scene, keep_alive_s=0.02, check_s=0.05)

        assert b"event: ended" in reader.body


def end_sessions():
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()
    connections.close_all()


@pytest.mark.django_db(transaction=True)
class TestRefusals:
    def ask(self, **options):
        reader = Reader(None, **options)

        async def scene(app):
            reader.app = app
            await asyncio.wait_for(reader.follow(), 5)

        play(scene)
        return reader

    def test_asks_who_is_there(self, source):
        assert self.ask().status == 401

    def test_refuses_who_may_not_follow(self, source):
        crew = actions.add_user("li", "Li", posts=("crew",))[0]

        assert self.ask(user=crew).status == 403

    def test_knows_only_streams_that_exist(self, source, viewer):
        assert self.ask(user=viewer, path="/live/candles").status == 404

    def test_only_reads(self, source, viewer):
        assert self.ask(user=viewer, method="POST").status == 404

    def test_refuses_a_host_that_is_not_ours(self, source, viewer):
        assert self.ask(user=viewer, host="evil.example").status == 400


@pytest.mark.django_db(transaction=True)
class TestRoom:
    def follow_all(self, readers):
        async def scene(app):
            tasks = []
            for reader in readers:
                reader.app = app
                tasks.append(asyncio.create_task(reader.follow()))
                await until(lambda reader=reader: reader.status)
            readers[0].left.set()
            await tasks[0]
            self.left_over = app.followed.total()
            for reader in readers[1:]:
                reader.left.set()
            await asyncio.gather(*tasks)
            assert app.followed.total() == 0

        play(scene)

    def test_is_not_taken_up_by_one_account(self, source, viewer, monkeypatch):
        monkeypatch.setattr(apps, "STREAMS_OF_ONE_MAX", 2)
        other = actions.add_user("li", "Li", posts=("viewer",))[0]
        readers = [Reader(None, one) for one in (viewer, viewer, viewer, other)]
        self.follow_all(readers)

        assert [one.status for one in readers] == [200, 200, 429, 200]
        answer = json.loads(readers[2].body)
        assert (answer["code"], answer["data"]) == ("live.too_many_of_one", {"most": 2})
        assert "Close pages" in answer["next_step"]
        assert readers[2].headers["retry-after"] == "30"
        assert self.left_over == 2

    def test_ends_for_all_at_the_limit_of_the_installation(self, source, viewer, monkeypatch):
        monkeypatch.setattr(apps, "CLIENTS_MAX", 1)
        readers = [Reader(None, viewer), Reader(None, viewer)]
        self.follow_all(readers)

        assert [one.status for one in readers] == [200, 503]
        assert json.loads(readers[1].body)["code"] == "live.full"


class TestClient:
    def test_forgets_the_oldest_when_its_reader_is_slow(self):
        async def scene():
            client = hubs.Client(None)
            for number in range(hubs.QUEUE_MAX + 5):
                client.put(b"%d," % number)
            return client.dropped, await client.take(1)

        dropped, waiting = asyncio.run(scene())

        assert dropped == 5
        assert waiting is not None
        assert waiting.startswith(b"5,6,")
        assert waiting.endswith(b"36,")
