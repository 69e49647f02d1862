"""What crews do in a cold wave, written down on their phones, and what the store keeper does."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import random
import uuid

from PIL import Image, ImageDraw

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.democity.cold_wave import words
from huoshui.democity.cold_wave.ledger import Ledger
from huoshui.democity.cold_wave.players import ORIGIN, SecondPerson
from huoshui.democity.cold_wave.script import Cure, Kind, Trouble
from huoshui.democity.cold_wave.stage import Stage
from huoshui.democity.cold_wave.town import Cast
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User

LOOK_EVERY_S = 60
ACCEPT_S, GREET_S = 60, 120
TO_THE_DEPOT_S = 1200
FULL = {"meter_dn15": 3, "pipe_wrap": 8, "clamp_dn100": 3}
LOW = {"meter_dn15": 2, "pipe_wrap": 3, "clamp_dn100": 1}
PHOTO_SHARE = 0.6
KEEP_EVERY_S = 1800
ORDERED = {"meter_dn15": 160, "pipe_wrap": 200, "clamp_dn100": 40}
ORDER_BELOW = 100
DELIVERY_S = 14 * 3600
Found = contracts.Found


class Phone:
    """The phone of one crew: writes entries as the app does and hands them in."""

    def __init__(self, user: User, ledger: Ledger, run: str) -> None:
        self.user, self._ledger = user, ledger
        self._id = uuid.uuid5(uuid.NAMESPACE_OID, f"huoshui {run} {user.username}")
        self._numbers = 0

    def send(self, job: str, *said: tuple[str, dict[str, object]]) -> None:
        """Write some entries about a job and hand them in together."""
        now_ms = clock.real_now().timestamp() * 1000
        entries = []
        for kind, body in said:
            self._numbers += 1
            key = uuid.uuid5(self._id, str(self._numbers))
            text = json.dumps({
                "id": str(key), "number": self._numbers, "kind": kind, "job": job, "body": body,
                "at_ms": now_ms, "behind_ms": 0,
            })  # fmt: skip
            entries.append((key, text, hashlib.sha256(text.encode()).hexdigest()))
        receipts = fieldwork.hand_in(
            phone_id=self._id, sent_ms=now_ms, entries=entries, by=self.user
        )
        for (kind, _body), one in zip(said, receipts, strict=True):
            self._ledger.receipts[f"{kind}: {one.outcome} {one.code}".strip()] += 1

    def photograph(self, job: str, label: str) -> None:
        """Take a photo of what was done and hand it in."""
        content = picture(f"{job} {label}")
        digest = hashlib.sha256(content).hexdigest()
        body: dict[str, object] = {"shows": "after", "hash": digest, "size": len(content)}
        self.send(job, ("photo", body))
        fieldwork.hand_in_photo(content, digest, by=self.user)


def picture(label: str) -> bytes:
    """Return a small photo, another for each label."""
    tone = hashlib.sha256(label.encode()).digest()
    image = Image.new("RGB", (160, 120), (120 + tone[0] % 60, 130 + tone[1] % 60, 140))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 20, 120, 100), fill=(225, 232, 236), outline=(40, 60, 80), width=4)
    draw.text((52, 52), label[-12:], fill=(20, 30, 40))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()


class Crews:
    """All crews: each does its next job, drives, works, reports, and fetches parts."""

    def __init__(
        self, cast: Cast, stage: Stage, ledger: Ledger, second: SecondPerson, run: str, seed: int
    ) -> None:
        self._cast, self._stage, self._ledger, self._second = cast, stage, ledger, second
        self._dice = random.Random(seed)
        self._phones = {code: Phone(user, ledger, run) for code, user in cast.crews.items()}
        self._busy: set[str] = set()
        self.exchanged: list[tuple[float, str]] = []

    def begin(self, first_s: float) -> None:
        """Look for jobs given, every minute from a moment on."""
        self._stage.every(LOOK_EVERY_S, self._look, first_s=first_s)

    def _look(self) -> None:
        for crew, jobs in fieldwork.to_do().items():
            if crew in self._busy or crew not in self._phones:
                continue
            ours = (one for one in jobs if self._trouble(one) is not None)
            job = next(ours, None)
            if job is not None:
                self._busy.add(crew)
                if not self._ledger.trying("set off", functools.partial(self._set_off, crew, job)):
                    self._busy.discard(crew)

    def _trouble(self, job: contracts.ToDo) -> Trouble | None:
        return self._ledger.trouble_of.get(job.origin.removeprefix(ORIGIN))

    def _set_off(self, crew: str, job: contracts.ToDo) -> None:
        phone = self._phones[crew]
        self._ledger.given.setdefault(job.number, self._stage.now_s)
        phone.send(job.number, ("accept", {}), ("set_off", {}))
        away_s = ACCEPT_S + max(job.drive_s, 120)
        self._stage.after(away_s, lambda: self._arrive(crew, job))

    def _arrive(self, crew: str, job: contracts.ToDo) -> None:
        trouble = self._trouble(job)
        assert trouble is not None
        phone = self._phones[crew]
        if not self._ledger.trying("arrive", lambda: phone.send(job.number, ("arrive", {}))):
            self._busy.discard(crew)
            return
        self._stage.after(GREET_S + 60 * trouble.minutes, lambda: self._finish(crew, job, trouble))

    def _finish(self, crew: str, job: contracts.ToDo, trouble: Trouble) -> None:
        phone, now_s = self._phones[crew], self._stage.now_s

        def hand_in() -> None:
            if self._dice.random() < PHOTO_SHARE:
                phone.photograph(job.number, crew)
            phone.send(job.number, *self._written(job.number, trouble))

        if not self._ledger.trying("finish", hand_in):
            self._busy.discard(crew)
            return
        case = job.origin.removeprefix(ORIGIN)
        self._ledger.done[job.number] = (now_s, str(trouble.cure))
        if trouble.cure is Cure.EXCHANGE:
            self.exchanged.append((now_s, job.number))
        self._second.follow(job.number, case)
        pause_s = TO_THE_DEPOT_S if self._fetches_parts(crew) else 0
        self._stage.after(pause_s + 30, lambda: self._busy.discard(crew))

    def _written(self, number: str, trouble: Trouble) -> list[tuple[str, dict[str, object]]]:
        """Return what a crew writes down of one trouble when it is done."""
        home, said = trouble.home, []
        if trouble.is_poorly_wrapped:
            said = [words.POORLY_WRAPPED, words.ALTHOUGH_WARNED if home.is_warned else ""]
        wrap = ("material", {"name": "保温棉", "code": "pipe_wrap", "amount": 1, "unit": "卷"})
        entries: list[tuple[str, dict[str, object]]] = []
        if trouble.cure is Cure.EXCHANGE:
            found, text = Found.METER_EXCHANGED, words.FOUND_EXCHANGED
            account = customers.account(home.account)
            old = account.meters[0].number if account and account.meters else home.meter
            used = round(home.reading_m3 + self._dice.uniform(0.5, 9.0), 1)
            entries = [("meter", {
                "old_number": old, "old_reading_m3": used,
                "new_number": f"X{number}", "start_reading_m3": 0,
                "new_part": "meter_dn15",
            }), wrap]  # fmt: skip
        elif trouble.cure is Cure.THAW:
            found, text, entries = Found.THAWED, words.FOUND_THAWED, [wrap]
        else:
            found, text = Found.REPAIRED, words.FOUND_PIPE[str(trouble.kind)]
            if trouble.kind is Kind.RISER:
                wrap[1]["amount"] = 2
                entries = [wrap]
            else:
                clamp = {"name": "抱箍 DN100", "code": "clamp_dn100", "amount": 1, "unit": "个"}
                entries = [("material", clamp)]
        note = "".join((text, *said))
        return [
            *entries, ("repaired", {}), ("water_back", {}),
            ("finish", {"found": str(found), "note": note}),
        ]  # fmt: skip

    def _fetches_parts(self, crew: str) -> bool:
        """Load what is low from the depot that has most of it; say whether the crew drove there."""
        lying = fieldwork.lying(f"V-{crew}")
        if all(lying.get(part, 0) >= low for part, low in LOW.items()):
            return False
        wanted = {part: full - lying.get(part, 0) for part, full in FULL.items()}
        depots = {code: fieldwork.lying(code) for code in self._cast.depots}
        depot = max(depots, key=lambda code: depots[code].get("meter_dn15", 0))
        there = depots[depot]
        parts = {part: min(n, there.get(part, 0)) for part, n in wanted.items()}
        parts = {part: n for part, n in parts.items() if n > 0}
        if parts:
            self._ledger.trying("load", lambda: fieldwork.move_parts(
                parts, from_code=depot, to_code=f"V-{crew}", by_id=self._cast.crews[crew].pk
            ))  # fmt: skip
        return bool(parts)


class StoreKeeper:
    """Orders when the product warns that parts run out, and receives what is delivered."""

    def __init__(self, cast: Cast, stage: Stage, ledger: Ledger) -> None:
        self._cast, self._stage, self._ledger = cast, stage, ledger
        self._ordered: set[object] = set()
        self.orders: list[float] = []
        self.least: dict[str, int] = {}

    def begin(self, first_s: float) -> None:
        """Look at the stock every half hour from a moment on."""
        self._stage.every(KEEP_EVERY_S, self._look, first_s=first_s)

    def _look(self) -> None:
        for part in ORDERED:
            lying = sum(fieldwork.lying(code).get(part, 0) for code in self._cast.depots)
            self.least[part] = min(self.least.get(part, lying), lying)
        if self._is_warned() and not self._ordered:
            self._ordered.add("coming")
            self.orders.append(self._stage.now_s)
            self._stage.after(DELIVERY_S, self._receive)

    def _is_warned(self) -> bool:
        """Say whether the product warns of meters: what a keeper is told, not what is true."""
        begun = self._stage.moment(0)
        standing = [one for one in fieldwork.stock_warnings(since=begun) if one.ended_at is None]
        return any(one.part_code == "meter_dn15" for one in standing)

    def _receive(self) -> None:
        for code in self._cast.depots:
            fieldwork.move_parts(
                ORDERED, to_code=code, note="寒潮补货到库", by_id=self._cast.manager
            )
        self._ordered.clear()
