"""A cold morning in a small town: three estates, twelve accounts, two crews, and people who call.

    XQ-1 光明小区 (A101-A104)     XQ-2 泉水花园 (A201-A204)     XQ-3 柳岸新村 (A301-A304)

A101, A102, A201 and A301 have meters exposed to frost.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as field_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import contracts as hotline_contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import contracts, facade
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.events import dispatcher as outbox
from huoshui.kernel.intake import kinds

# Half past eight in the morning of 7 January 2026 in the city (UTC+8).
LONG_AGO = datetime(2025, 11, 1, tzinfo=UTC)
BEGAN = datetime(2026, 1, 6, 22, 0, tzinfo=UTC)
NOW = datetime(2026, 1, 7, 0, 30, tzinfo=UTC)
ESTATES = (("XQ-1", "光明小区", 117.01), ("XQ-2", "泉水花园", 117.03), ("XQ-3", "柳岸新村", 117.05))
EXPOSED = ("A101", "A102", "A201", "A301")
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def now():
    """Stop the clock on the morning."""
    with clock.frozen(NOW):
        yield NOW


def carry(tmp_path, kind, text):
    """Bring a table in, as its page does."""
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    done = kinds.KINDS[kind].carry_out(path, path.name, {}, None)
    assert not done.problems.total, list(done.problems)


@pytest.fixture
def town(db, tmp_path):
    """Three estates with four accounts each."""
    carry(
        tmp_path, "estates",
        "小区编号,小区名称,经度,纬度\n"
        + "".join(f"{code},{name},{lon},36.66\n" for code, name, lon in ESTATES),
    )  # fmt: skip
    rows = [
        f"A{e + 1}0{n},张{n},1380000{e}{n:03d},{name}{n}号楼,{code},SB{e}{n},"
        f"{'是' if f'A{e + 1}0{n}' in EXPOSED else ''}\n"
        for e, (code, name, _lon) in enumerate(ESTATES)
        for n in range(1, 5)
    ]
    carry(tmp_path, "accounts", "户号,户名,电话,地址,小区,水表号,水表外露\n" + "".join(rows))


@pytest.fixture
def people(db):
    """One person for each post that matters."""
    posts = ("manager", "dispatcher", "service_manager", "hotline_agent", "crew", "crew_leader",
             "grid_specialist")  # fmt: skip
    with clock.frozen(LONG_AGO):
        return {
            post: accounts.add_user(f"p_{post}", post.title(), posts=(post,))[0] for post in posts
        }


@pytest.fixture
def crews(people):
    """Two crews on shift all day, each with two meters."""
    with clock.frozen(LONG_AGO):
        second = accounts.add_user("p_second", "Second", posts=("crew",))[0]
        fieldwork.set_up_crew_work(None, crew_work(people["crew"], second))


def crew_work(first, second):
    """Return the declaration of both crews."""
    return field_contracts.CrewWork(
        skills=(field_contracts.NamedThing("fit", "装表", "Fitting"),),
        parts=(field_contracts.NamedThing("meter", "水表", "Meter", "只"),),
        types=(
            field_contracts.TypeDeclaration(
                "frozen", "冻表更换", "Exchange a frozen meter",
                field_contracts.JobKind.REPAIR, field_contracts.Priority.HIGH, 30, ("fit",),
                (("meter", 1),), exchanges_meter=True,
            ),
        ),
        patterns=(
            field_contracts.PatternDeclaration(
                "all", "全天", "All day", "00:00-23:59", NOW.date() - timedelta(days=2)
            ),
        ),
        stores=(
            field_contracts.StoreDeclaration(
                "D-1", "材料库", 117.0, 36.6, (("meter", 10),), (("meter", 8, 11, 3),)
            ),
        ),
        crews=tuple(
            field_contracts.CrewDeclaration(
                code, name, ("fit",), "all", 0, "D-1", f"鲁A{code}", (who.username,),
                (("meter", 2),),
            )
            for code, name, who in (
                ("Q-01", "抢修1组", first), ("Q-02", "抢修2组", second),
            )
        ),
    )  # fmt: skip


@pytest.fixture
def wave(town, people, crews):
    """A cold wave since six o'clock, with a list of those at risk."""
    facade.keep_risk_list(
        code="frost", name="易冻户",
        entries=[contracts.AtRisk(one, contracts.RiskReason.EXPOSED_METER) for one in EXPOSED],
        by_id=None,
    )  # fmt: skip
    return facade.declare(
        name="一月寒潮", kind=contracts.Kind.COLD, from_at=BEGAN, risk_list="frost",
        by_id=people["manager"].pk,
    )  # fmt: skip


@pytest.fixture
def ring(people, town):
    """Let the person of an account call about a topic and be noted; return the call's number."""
    hotline.take_seat(user_id=people["hotline_agent"].pk, extension="8001")

    def call(
        topic, account="", *, minutes_ago=60, number="", answered=True, noted=True, fold_with="",
        send=True,
    ):  # fmt: skip
        key = next(_numbers)
        began = NOW - timedelta(minutes=minutes_ago)
        told = [
            hotline_contracts.ToldEvent("1", hotline_contracts.EventKind.RINGING, began, "8001")
        ]
        if answered:
            told.append(
                hotline_contracts.ToldEvent(
                    "2", hotline_contracts.EventKind.ANSWERED, began + timedelta(seconds=5), "8001"
                )
            )
        told.append(
            hotline_contracts.ToldEvent(
                "3", hotline_contracts.EventKind.ENDED, began + timedelta(seconds=60)
            )
        )
        with clock.frozen(began + timedelta(seconds=60)):
            for event in told:
                pk = hotline.take_event(
                    f"t-{key}", event, caller_number=number or f"1390000{key:04d}"
                )
        if answered and noted:
            seen = customers.account(account) if account else None
            place = seen.premises if seen else None
            with clock.frozen(began + timedelta(minutes=2)):
                hotline.note_call(
                    pk,
                    hotline_contracts.Noted(
                        topic, account_code=account, place=place.address if place else "",
                        estate_code=place.estate_code if place else "",
                        lon={c: x for c, _n, x in ESTATES}.get(place.estate_code)
                        if place else None,
                        lat=36.66 if place else None, answer="已答复", fold_with=fold_with,
                        own_case=not fold_with, send_now=send,
                    ),
                    by_id=people["hotline_agent"].pk,
                )  # fmt: skip
                outbox.dispatch()
        return pk

    return call


@pytest.fixture
def repaired(people):
    """Let a crew be given the job of a call, go there and repair it."""

    def work(call, *, given_ago=50, crew="Q-01", there_ago=40, done_ago=10, found="leak_repaired"):
        number = job_of(call)
        user = people["crew"]
        with clock.frozen(NOW - timedelta(minutes=given_ago)):
            fieldwork.give_to_crew(number=number, crew_code=crew, by_id=people["dispatcher"].pk)
        if there_ago is None:
            return number
        with clock.frozen(NOW - timedelta(minutes=there_ago)):
            fieldwork.arrive(number=number, by=user)
        if done_ago is None:
            return number
        with clock.frozen(NOW - timedelta(minutes=done_ago)):
            cases_number = hotline.call(call).case_number
            cases.act(cases_number, "finish", by_id=people["dispatcher"].pk,
                      fields={"result": "repaired"})  # fmt: skip
        return number

    return work


def job_of(call):
    """Return the number of the job of a call's case."""
    case = hotline.call(call).case_number
    return fieldwork.open_jobs(origin=hotline.job_origin(case))[0].number


@pytest.fixture
def in_care(town):
    """Take an account into special care, with a consent of last year."""

    def take(account):
        customers.begin_care(
            account, reason=customer_contracts.CareReason.ELDERLY, consent_date=LONG_AGO.date(),
            consent_by="本人", by_id=None,
        )  # fmt: skip

    return take


def use_part(user, job, part):
    """Let somebody's phone tell that one of a part was used for a job."""
    tell_by_phone(user, job, "material", {"name": part, "code": part, "amount": 1})


def tell_by_phone(user, job, kind, body):
    """Hand one entry about a job in, as somebody's phone does."""
    now_ms = clock.now().timestamp() * 1000
    key = uuid.uuid4()
    text = json.dumps({
        "id": str(key), "number": 1, "kind": kind, "job": job, "at_ms": now_ms, "behind_ms": 0,
        "body": body,
    })  # fmt: skip
    digest = hashlib.sha256(text.encode()).hexdigest()
    (receipt,) = fieldwork.hand_in(
        phone_id=uuid.uuid4(), sent_ms=now_ms, entries=[(key, text, digest)], by=user
    )
    assert receipt.outcome == "taken", receipt
    return receipt


@pytest.fixture
def browser():
    """Return a browser in which a person is signed in."""

    def sign_in(user):
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
