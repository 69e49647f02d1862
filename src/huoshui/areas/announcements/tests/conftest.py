"""Channels that lead to stand-ins, and an announcement with people, ready to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huoshui.areas.announcements import actions, models
from huoshui.areas.announcements.channels import wechat
from huoshui.areas.announcements.contracts import Kind, State, Way
from huoshui.areas.announcements.tests import standin
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions as accounts


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let secrets lie in the test's own folder, and allow this computer as a host."""
    chosen = settings.get().model_copy(update={"home": tmp_path, "message_hosts": "127.0.0.1"})
    monkeypatch.setattr(settings, "get", lambda: chosen)
    return tmp_path


@pytest.fixture
def gateway() -> Iterator[standin.Standin]:
    """Return the stand-in of both HTTP gateways."""
    wechat.TOKENS.forget()
    with standin.running() as server:
        yield server
    wechat.TOKENS.forget()


def set_up_sms(address: str, **options: Any) -> None:
    """Set the SMS channel up to a stand-in and switch it on."""
    actions.save_channel(
        Way.SMS,
        options={
            "url": f"{address}/sms", "account": "huoshui", "sign": "活水水务",
            "templates": "planned_outage = SMS_1\ndefault = SMS_9", "per_second": 1000, **options,
        },
        secrets={"secret": standin.SECRET},
        price_cents=Decimal("4.5"),
        by_id=None,
    )  # fmt: skip
    actions.switch_channel(Way.SMS, is_enabled=True, by_id=None)


def set_up_wechat(address: str, *, secret: str = standin.APP_SECRET) -> None:
    """Set the WeChat channel up to a stand-in and switch it on."""
    actions.save_channel(
        Way.WECHAT,
        options={
            "appid": standin.APPID, "templates": "default = TPL_1", "api": address,
            "values": "thing1 = {place}\ntime2 = {from}", "per_second": 1000,
        },
        secrets={"secret": secret, "token": "event-token"},
        price_cents=Decimal(0),
        by_id=None,
    )  # fmt: skip
    actions.switch_channel(Way.WECHAT, is_enabled=True, by_id=None)


@pytest.fixture
def sms(db: None, home: Path, gateway: standin.Standin) -> standin.Standin:
    """Return the stand-in with the SMS channel set up to it."""
    set_up_sms(gateway.address)
    return gateway


@pytest.fixture
def weixin(db: None, home: Path, gateway: standin.Standin) -> standin.Standin:
    """Return the stand-in with the WeChat channel set up to it."""
    set_up_wechat(gateway.address)
    return gateway


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """Return the people of these tests: two service managers and somebody at the hotline."""
    people = {
        "mei": "service_manager", "lin": "service_manager", "zhou": "hotline_agent",
        "gao": "viewer",
    }  # fmt: skip
    made = {
        name: accounts.add_user(name, name.title(), posts=(post,))[0]
        for name, post in people.items()
    }
    return SimpleNamespace(**made)


Made = Callable[..., models.Announcement]


def queued(*people: dict[str, Any], ways: tuple[str, ...] = (Way.SMS,), **given: Any) -> Any:
    """Return a released announcement whose messages are queued, to the given people."""
    said = actions.compose(
        actions.Composed(
            kind=given.pop("kind", Kind.BURST),
            title_zh="{place}停水",
            text_zh="{name}您好，{place}因管道抢修停水。",
            place="光明小区",
        ),
        by_id=None,
    )
    models.Recipient.objects.bulk_create(
        models.Recipient(announcement=said, account_code=f"A{n}", why="list", **person)
        for n, person in enumerate(people, start=1)
    )
    fields = {"ways": list(ways), "state": State.QUEUING, "released_at": clock.now(), **given}
    models.Announcement.objects.filter(pk=said.pk).update(people_total=len(people), **fields)
    actions.queue(said.pk)
    return models.Announcement.objects.get(pk=said.pk)


def phones(count: int) -> list[dict[str, Any]]:
    """Return some people with a mobile number each."""
    return [{"name": f"王{n}", "phone": f"138{n:08d}"} for n in range(count)]
