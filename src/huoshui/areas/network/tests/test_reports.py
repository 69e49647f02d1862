"""The code on an asset: anybody may report, nobody learns more than what stands on the label."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from huoshui.areas.network import labels, rules
from huoshui.areas.network.actions import reports
from huoshui.areas.network.contracts import Trouble
from huoshui.areas.network.models import Asset, AssetReport, Attachment, Connection
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events.models import Event

pytestmark = pytest.mark.usefixtures("l_town")


def address(code: str = "n1") -> str:
    return f"/q/{labels.token_of(Asset.objects.get(code=code).id)}/"


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "blue").save(out, "PNG")
    return SimpleUploadedFile("leak.png", out.getvalue(), content_type="image/png")


class TestALabel:
    def test_leads_back_to_its_asset_and_cannot_be_guessed(self):
        token = labels.token_of(40)

        assert labels.asset_of(token) == 40
        number, _dash, sign = token.partition("-")
        assert labels.asset_of(f"{number}x-{sign}") is None
        assert labels.asset_of(f"{number}-{'0' * len(sign)}") is None
        assert labels.asset_of("nonsense") is None

    def test_is_printed_for_many_assets(self, signed_in):
        page = signed_in("viewer").get("/network/labels/?codes=n1,n2").content.decode()

        assert page.count("<svg") >= 2
        assert "<strong>n1</strong>" in page


class TestReporting:
    def test_needs_no_account(self):
        answer = Client().post(
            address(), {"trouble": "leak", "text": "wet road", "phone": "123", "photo": photo()}
        )

        assert answer.status_code == 200
        report = AssetReport.objects.get()
        assert (report.asset.code, report.trouble, report.text) == ("n1", "leak", "wet road")
        assert report.photo is not None
        assert Event.objects.filter(kind__endswith="AssetReported").exists()

    def test_takes_a_photo_as_large_as_a_phone_makes_it(self):
        noise = Image.effect_noise((1600, 1200), 90).convert("RGB")
        out = io.BytesIO()
        noise.save(out, "PNG")
        assert out.tell() > 1_500_000
        large = SimpleUploadedFile("leak.png", out.getvalue(), content_type="image/png")

        answer = Client().post(address(), {"trouble": "leak", "photo": large})

        assert answer.status_code == 200
        assert AssetReport.objects.get().photo is not None

    def test_unpacks_a_photo_before_it_keeps_others_from_writing(self):
        class Watched:
            """A photo that notes whether a transaction was open when it was read."""

            def __init__(self) -> None:
                self.name, self.inner, self.depths = "leak.png", photo(), []

            def read(self, size: int) -> bytes:
                self.depths.append(len(connection.savepoint_ids))
                return self.inner.read(size)

        watched, before = Watched(), len(connection.savepoint_ids)

        reports.receive_report(
            Asset.objects.get(code="n1").id, trouble=Trouble.LEAK, photo=watched, address="x"
        )

        assert watched.depths == [before]
        assert AssetReport.objects.get().photo is not None

    def test_shows_nothing_of_customers_or_earlier_reports(self):
        pipe = Asset.objects.get(code="p1")
        Connection.objects.create(code="C-77", customer_code="K-77", address="Secret 1", pipe=pipe)
        Client().post(address("p1"), {"trouble": "other", "text": "private words", "phone": "999"})

        page = Client().get(address("p1")).content.decode()

        assert "p1" in page
        for secret in ("C-77", "K-77", "Secret 1", "private words", "999"):
            assert secret not in page

    def test_keeps_no_address_of_the_sender(self):
        Client(REMOTE_ADDR="10.1.2.3").post(address(), {"trouble": "other"})

        assert "10.1.2.3" not in str(AssetReport.objects.values().get())

    def test_is_limited_for_one_sender_and_for_one_asset(self):
        one = Client(REMOTE_ADDR="10.0.0.1")
        for _ in range(rules.REPORTS_PER_SENDER_H):
            assert one.post(address(), {"trouble": "other"}).status_code == 200
        assert one.post(address("n2"), {"trouble": "other"}).status_code == 429

        for number in range(rules.REPORTS_PER_ASSET_H - rules.REPORTS_PER_SENDER_H):
            other = Client(REMOTE_ADDR=f"10.0.1.{number}")
            assert other.post(address(), {"trouble": "other"}).status_code == 200
        last = Client(REMOTE_ADDR="10.0.2.1").post(address(), {"trouble": "other"})
        assert last.status_code == 429

    def test_of_a_code_we_never_printed_is_refused(self):
        assert Client().get("/q/1-000000000000/").status_code == 404


class TestStaff:
    @pytest.fixture
    def report(self) -> AssetReport:
        Client().post(address(), {"trouble": "leak", "phone": "13800000000"})
        return AssetReport.objects.get()

    def test_make_a_job_of_a_report(self, signed_in, report):
        dispatcher = signed_in("dispatcher")
        assert b"13800000000" in dispatcher.get(f"/network/reports/{report.pk}/").content

        dispatcher.post(f"/network/reports/{report.pk}/settle/", {"state": "job"})

        report.refresh_from_db()
        assert report.state == "job"
        told = Event.objects.get(kind__endswith="AssetJobWanted")
        assert told.payload["asset_code"] == "n1"

    def test_see_the_number_in_full_only_with_that_permission_and_leave_a_record(
        self, signed_in, report
    ):
        address = f"/network/reports/{report.pk}/"
        masked = signed_in("crew_leader").get(address).content
        assert b"13800000000" not in masked
        assert b"138****0000" in masked
        assert not AuditRecord.objects.filter(action="network.report_read").exists()

        signed_in("dispatcher").get(address)

        seen = AuditRecord.objects.get(action="network.report_read")
        assert seen.subject == f"network.report:{report.pk}"

    def test_without_the_permission_sees_none(self, signed_in, report):
        viewer = signed_in("viewer")
        for path in ("/network/reports/", f"/network/reports/{report.pk}/"):
            assert viewer.get(path).status_code == 403


class TestPhotos:
    def test_are_kept_with_an_asset_and_can_be_removed(self, signed_in):
        manager = signed_in("manager")
        manager.post("/network/assets/n1/photos/", {"photos": [photo()], "caption": "chamber"})
        kept = Attachment.objects.get()
        assert b"chamber" in manager.get("/network/assets/n1/").content

        manager.post(f"/network/photos/{kept.pk}/remove/")

        assert b"chamber" not in manager.get("/network/assets/n1/").content
