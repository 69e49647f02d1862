"""Time how long a typed address, name or number takes to find an account among 500,000.

    .venv/bin/python -m benchmarks.customers [--accounts 500000] [--queries 200]

The city is made from a seed: 460 estates, 300 streets, people with common and rare names. Of
accounts drawn by chance a text is made as people type it: full addresses, abbreviations, Chinese
numerals, full-width digits, pinyin, initials, ends of telephone numbers, meters; what is typed of
must be among the hits. Then come the questions that fit most: one letter, one sign, one figure.
Last the list page is asked, through Django's whole chain without a socket, for any search, filter,
order and page; its queries are counted.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine

BAR_P95_MS = 200.0
BAR_LIST_MS = 300.0
SEED = 20260301
FIRST = "金银泉明光华新东南西北湖山河柳荷松竹梅兰锦绣阳春和平安康乐福景翠碧云霞龙凤海天星月"
SECOND = "水光源岸园庭苑景城府台湾溪谷林岭峰江桥泰祥瑞盛隆昌达通诚信德仁义礼智和美"
ENDS = ("小区", "花园", "家园", "新村", "公寓", "雅苑", "公馆", "东城", "佳苑", "名邸")
STREET_ENDS = ("路", "街", "大街", "东路", "西路", "巷")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单解仇"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉建国志文斌宇浩轩子涵欣怡梓博雅"
FIGURES = "零一二三四五六七八九"
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


def made(accounts: int) -> Iterator[Any]:
    """Yield what is stated of so many accounts; the same ones each time."""
    from huoshui.areas.customers.stating import Row

    dice = random.Random(SEED)
    streets = [
        f"{dice.choice(FIRST)}{dice.choice(SECOND)}{dice.choice(STREET_ENDS)}" for _ in range(300)
    ]
    for n in range(accounts):
        name = dice.choice(SURNAMES) + "".join(
            dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2)))
        )
        common = {
            "code": f"{30_000_000 + 7 * n}",
            "name": name,
            "kind": "person",
            "phones": (f"1{dice.choice('3578')}{dice.randrange(10**9):09d}",),
            "meter": f"SB{20_000_000 + 3 * n}",
            "reading_m3": float(dice.randrange(2000)),
            "balance_cents": dice.randrange(-5_000, 40_000),
            "lon": 117 + dice.random() / 5,
            "lat": 36.6 + dice.random() / 5,
        }
        if dice.random() < 0.92:
            at = n // 1100 % 460
            door = {"estate": f"E{at:03d}", "building": str(1 + n // 36 % 30)}
            door |= {"unit": str(1 + n // 12 % 3), "room": f"{1 + n // 2 % 6}0{1 + n % 2}"}
            yield Row(**common, **door)
        else:
            door = {"street": dice.choice(streets), "number": f"{dice.randint(1, 400)}号"}
            if dice.random() < 0.5:
                door |= {"room": f"{dice.randint(1, 6)}0{dice.randint(1, 3)}"}
            yield Row(**common, **door)


def make_estates() -> None:
    """Make the estates; names are drawn so that many begin alike."""
    from huoshui.areas.customers import placing
    from huoshui.areas.customers.models import Estate

    dice = random.Random(SEED + 1)
    names: dict[str, None] = {}
    while len(names) < 460:
        names[f"{dice.choice(FIRST)}{dice.choice(SECOND)}{dice.choice(ENDS)}"] = None
    rows = [Estate(code=f"E{n:03d}", name=name) for n, name in enumerate(names)]
    placing.keep_keys(estates=Estate.objects.bulk_create(rows))


def numeral(text: str) -> str:
    """Return figures read out one by one."""
    return "".join(FIGURES[int(one)] for one in text)


def styles() -> dict[str, Callable[[Any], str]]:
    """Return the ways in which people type, by name; each takes an account."""
    from huoshui.areas.customers import sounds

    def place(a: Any) -> str:
        p = a.premises
        return str(p.estate.name if p.estate else p.street.name)

    def path(a: Any) -> str:
        return str(a.premises.path)

    def initials(a: Any) -> str:
        return str(sounds.initials(place(a))[0])

    def spelled(a: Any) -> str:
        return str(sounds.spellings(place(a))[0])

    return {
        "as written": lambda a: a.premises.address,
        "dashes": lambda a: f"{place(a)}{path(a)}",
        "abbreviated": lambda a: f"{place(a)[:2]}{path(a)}",
        "blanks": lambda a: f"{place(a)} {a.premises.short_path.replace('-', ' ')}",
        "full width": lambda a: f"{place(a)}{path(a).translate(WIDE)}",
        "initials": lambda a: f"{initials(a)} {a.premises.short_path.replace('-', ' ')}",
        "pinyin": lambda a: f"{spelled(a)} {path(a)}",
        "name": lambda a: a.holder.name,
        "name in pinyin": lambda a: sounds.spellings(a.holder.name)[0],
        "initials of a name": lambda a: sounds.initials(a.holder.name)[0],
        "place and name": lambda a: f"{place(a)} {a.holder.name}",
        "initials of both": lambda a: f"{initials(a)} {sounds.initials(a.holder.name)[0]}",
        "telephone": lambda a: a.holder.phones.first().number,
        "end of a telephone": lambda a: a.holder.phones.first().number[-6:],
        "account": lambda a: a.code,
        "end of an account": lambda a: a.code[-6:],
        "meter": lambda a: a.points.first().meter_number,
        "estate only": lambda a: place(a),
        "numerals": lambda a: f"{place(a)}" + "".join(
            f"{numeral(one)}{word}"
            for one, word in zip(
                path(a).split("-"),
                ("号楼", "单元", "室") if a.premises.estate else ("号", "室"),
                strict=False,
            )
        ),
        "unfinished": lambda a: f"{place(a)}{path(a)[:-1]}",
    }  # fmt: skip


def prepare(accounts: int) -> float:
    """Make the database; return how many seconds it took."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from huoshui.areas.customers import actions, indexed
    from huoshui.kernel import search

    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    make_estates()
    with (
        transaction.atomic(),
        search.without_triggers(indexed.NAMES),
        search.without_triggers(indexed.ADDRESSES),
    ):
        actions.keep_accounts(made(accounts), by_id=None)
    took_s = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return took_s


# What fits very many accounts, or is cut off in the middle.
WORST = (
    "z", "g", "li", "zw", "g z", "z w", "jg zw", "wang", "小", "路", "小区", "花园", "张", "张伟",
    "伟", "花园 张", "wang 花园", "东路 王", "1", "101", "2-1", "3-2-501", "1单元", "1号", "138",
    "0000", "sb2", "300", "路1号", "号楼",
)  # fmt: skip
LISTS = {
    "first page": "", "page 3": "page=3", "page 200": "page=200", "backwards": "sort=-code",
    "by what is owed": "sort=-balance_cents", "owing": "show=owing",
    "owing, most first": "show=owing&sort=-balance_cents", "paid ahead": "show=ahead",
    "special care": "show=care", "exposed": "show=exposed", "cut off": "state=cut_off",
    "in use": "state=active", "one estate": "estate=E017",
    "one estate, owing": "estate=E017&show=owing", "an address": "q=ADDRESS", "a name": "q=张伟",
    "a surname": "q=张", "pinyin": "q=zhangwei", "initials": "q=zw", "one letter": "q=z",
    "a common word": "q=路", "an estate in part": "q=花园", "a place and a name": "q=花园+张",
    "letters of both": "q=g+z", "an end of a number": "q=0000", "a door alone": "q=3-2-501",
    "a meter in part": "q=SB2", "a name, by what is owed": "q=张&sort=-balance_cents",
    "a name in an estate": "q=张&estate=E017", "nothing": "q=不存在的地方",
}  # fmt: skip


def p95(times: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    return round(statistics.quantiles(times, n=20)[-1] * 1e3, 1)


def measure(queries: int) -> dict[str, Any]:
    """Type so many texts; say how long each way took, and what was not found."""
    from huoshui.areas.customers import facade
    from huoshui.areas.customers.models import Account

    dice = random.Random(SEED + 2)
    least, most = (
        Account.objects.order_by("id").first().pk,
        Account.objects.order_by("id").last().pk,
    )
    ways = styles()
    took: dict[str, list[float]] = {name: [] for name in ways}
    missed: list[str] = []
    for n in range(queries):
        name = list(ways)[n % len(ways)]
        account = Account.objects.get(pk=dice.randint(least, most))
        text = ways[name](account)
        begun = time.perf_counter()
        found = facade.find(text, 200)
        took[name].append(time.perf_counter() - begun)
        # Of a name or an estate there are more than anybody would list.
        if account.code not in [one.account_code for one in found] and len(found) < 150:
            missed.append(f"{name}: {text} ({account.code})")
    callers: list[float] = []
    for _ in range(queries):
        account = Account.objects.get(pk=dice.randint(least, most))
        number = account.holder.phones.first().number
        begun = time.perf_counter()
        hits = facade.by_phone(number)
        callers.append(time.perf_counter() - begun)
        assert any(one.code == account.code for caller in hits for one in caller.accounts)
    everything = [one for several in took.values() for one in several]
    for name, several in took.items():
        print(f"{name:22} worst {max(several) * 1e3:8.1f} ms", flush=True)
    return {
        "queries": queries,
        "find_p95_ms": p95(everything),
        "find_median_ms": round(statistics.median(everything) * 1e3, 1),
        "find_worst_ms": round(max(everything) * 1e3, 1),
        "worst_ms_by_way": {k: round(max(v) * 1e3, 1) for k, v in took.items()},
        "by_phone_p95_ms": p95(callers),
        "missed": missed,
        "bar_p95_ms": BAR_P95_MS,
        "passed": p95(everything) <= BAR_P95_MS and not missed,
    }


def worst(rounds: int) -> dict[str, Any]:
    """Ask what fits most; return wall and processor time of each in milliseconds."""
    from huoshui.areas.customers import facade

    found = {}
    for text in WORST:
        facade.find(text)
        walls, cpus = [], []
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            facade.find(text)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        found[text] = {
            "wall_ms": round(statistics.median(walls) * 1e3, 1),
            "cpu_ms": round(statistics.median(cpus) * 1e3, 1),
        }
        print(f"{text:12} {found[text]}", flush=True)
    return found


def signed_in() -> Any:
    """Return a client of somebody who may see customers."""
    from django.test import Client

    from huoshui.kernel import clock
    from huoshui.kernel.accounts.models import Post, PostHolding, User

    user = User.objects.filter(username="bench").first()
    if user is None:
        user = User.objects.create(username="bench", name="Bench", created_at=clock.now())
        post = Post.objects.get(code="service_manager")
        PostHolding.objects.create(user=user, post=post, from_at=clock.now())
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def lists(rounds: int) -> dict[str, Any]:
    """Ask the list page every question; return times, and how many queries each costs."""
    from urllib.parse import quote

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from huoshui.areas.customers.models import Premises

    client = signed_in()
    address = Premises.objects.filter(estate__isnull=False).order_by("-id").first().address

    def ask(query: str) -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(f"/customers/?{query}")
        took = time.perf_counter() - wall, time.process_time() - cpu
        if answer.status_code != 200:
            raise SystemExit(f"{query}: {answer.status_code}")
        return took

    found = {}
    for name, plain in LISTS.items():
        query = quote(plain.replace("ADDRESS", address), safe="=&+-")
        ask(query)
        times = [ask(query) for _ in range(rounds)]
        with CaptureQueriesContext(connection) as seen:
            ask(query)
        found[name] = {
            "wall_ms": round(statistics.median(one[0] for one in times) * 1e3, 1),
            "cpu_ms": round(statistics.median(one[1] for one in times) * 1e3, 1),
            "queries": len(seen),
        }
        print(f"{name:26} {found[name]}", flush=True)
    walls = [one["wall_ms"] for one in found.values()]
    return {"lists": found, "list_worst_ms": max(walls), "list_bar_ms": BAR_LIST_MS,
            "list_queries_max": max(one["queries"] for one in found.values())}  # fmt: skip


def main() -> int:
    """Measure, print and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=500_000)
    options.add_argument("--queries", type=int, default=200)
    options.add_argument("--home", default="", help="make the city here, or use the one made here")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dry", action="store_true", help="keep no result")
    chosen = options.parse_args()
    facts = machine.facts("src/huoshui/areas/customers", "src/huoshui/kernel/search")
    with tempfile.TemporaryDirectory(prefix="huoshui-customers-") as fresh:
        home = Path(chosen.home or fresh)
        os.environ["HUOSHUI_HOME"] = str(home)
        # Django's test client speaks to a host of this name.
        os.environ["HUOSHUI_ALLOWED_HOSTS"] = "testserver"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
        is_made = (home / "huoshui.sqlite").exists()
        if is_made:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            made_s = None
        else:
            home.mkdir(parents=True, exist_ok=True)
            made_s = round(prepare(chosen.accounts), 1)
        size = (home / "huoshui.sqlite").stat().st_size
        found = {
            **facts,
            "accounts": chosen.accounts,
            "made_s": made_s,
            "database_bytes": size,
            **measure(chosen.queries),
            "worst": worst(chosen.rounds),
            **lists(chosen.rounds),
        }
        found["passed"] = found["passed"] and found["list_worst_ms"] <= BAR_LIST_MS
    if not chosen.dry:
        machine.keep("customers", found)
    told = ("find", "by_phone", "passed", "missed", "list_")
    print({k: v for k, v in found.items() if k.startswith(told)})
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
