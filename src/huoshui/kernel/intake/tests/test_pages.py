"""Imports on pages: brought, checked, carried out, with a kind of import made for the test."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huoshui.kernel import clock, settings
from huoshui.kernel.accounts.models import Post, PostHolding, User
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.intake import actions, fields, kinds, tables
from huoshui.kernel.intake.models import Import, State

pytestmark = pytest.mark.django_db
COLUMNS = (
    fields.Column("code", "Code", required=True),
    fields.Column("size", "Size", fields.NUMBER),
)
KNOWN: dict[str, float] = {}


def read(path, name, options, *, write):
    table = tables.open_table(path, name=name)
    outcome = kinds.Outcome(problems=table.problems)
    matched = fields.match(table, COLUMNS, name)
    for entry in matched.rows() if not table.problems.fatal else ():
        if not entry.is_good:
            outcome.left_out += 1
            continue
        size = (entry.values["size"] or 0) * (2 if options.get("double") == "yes" else 1)
        if entry.values["code"] in KNOWN:
            outcome.changed += 1
            outcome.differ(entry.values["code"], "Size", KNOWN[entry.values["code"]], size)
        else:
            outcome.created += 1
        if write:
            KNOWN[entry.values["code"]] = size
    return outcome


@pytest.fixture(autouse=True)
def shelf(monkeypatch, tmp_path):
    """A kind of import for the test, in a home of its own."""
    kind = kinds.Kind(
        code="boxes", label="Boxes", description="What stands on the shelf.",
        permission="intake.read",
        check=lambda path, name, options: read(path, name, options, write=False),
        carry_out=lambda path, name, options, by_id: read(path, name, options, write=True),
        counted="boxes", options=(kinds.Option("double", "Double", is_flag=True),),
        template=lambda out: fields.write_template(out, "Boxes", COLUMNS, ()),
    )  # fmt: skip
    monkeypatch.setitem(kinds.KINDS, "boxes", kind)
    home = settings.get().home
    monkeypatch.setattr(actions, "path_of", lambda h: tmp_path / h[:2] / h)
    KNOWN.clear()
    yield
    assert home == settings.get().home


@pytest.fixture
def browser(client):
    user = User.objects.create(username="lin", name="Lin", language="en", created_at=clock.now())
    PostHolding.objects.create(
        user=user, post=Post.objects.get(code="manager"), from_at=clock.now()
    )
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def bring(browser, django_capture_on_commit_callbacks):
    def send(content, name="boxes.csv", **answers):
        with django_capture_on_commit_callbacks(execute=True):
            upload = SimpleUploadedFile(name, content)
            response = browser.post(
                reverse("intake:bring", args=["boxes"]), {"file": upload, **answers}
            )
        assert response.status_code == 302, response.content[-2000:]
        row = Import.objects.latest("id")
        actions.work.call(row.pk, False)
        row.refresh_from_db()
        return row

    return send


class TestBringing:
    def test_a_file_is_checked_and_changes_nothing(self, bring, browser):
        row = bring(b"code,size\nA,1\nB,\n,3\n")

        page = browser.get(reverse("intake:import", args=[row.pk])).content.decode()
        assert (row.state, row.created, row.left_out, row.problems_total) == ("checked", 2, 1, 1)
        assert KNOWN == {}
        assert "This cell must not be empty." in page
        assert "Import what is good" in page

    def test_it_goes_in_when_a_person_says_so(
        self, bring, browser, django_capture_on_commit_callbacks
    ):
        row = bring(b"code,size\nA,1\n")
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(reverse("intake:carry_out", args=[row.pk]))
        actions.work.call(row.pk, True)

        row.refresh_from_db()
        assert (row.state, KNOWN) == (State.DONE, {"A": 1.0})
        assert {"intake.file_brought", "intake.carried_out"} <= set(
            AuditRecord.objects.values_list("action", flat=True)
        )
        assert browser.post(reverse("intake:carry_out", args=[row.pk])).status_code == 409

    def test_other_answers_need_no_new_file(
        self, bring, browser, django_capture_on_commit_callbacks
    ):
        row = bring(b"code,size\nA,2\n")
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(reverse("intake:again", args=[row.pk]), {"double": "on"})
        again = Import.objects.latest("id")
        actions.work.call(again.pk, False)
        again.refresh_from_db()
        assert again.content_hash == row.content_hash
        assert (again.options, again.state) == ({"double": "yes"}, "checked")

    def test_what_cannot_go_in_at_all_offers_no_button(self, bring, browser):
        row = bring(b"size\n1\n")

        page = browser.get(reverse("intake:import", args=[row.pk])).content.decode()
        assert row.is_fatal
        assert reverse("intake:carry_out", args=[row.pk]) not in page
        assert browser.post(reverse("intake:carry_out", args=[row.pk])).status_code == 409

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "..\\..\\win.ini", "=cmd|'/c calc'!A1", "a\x00b\u202e.csv"]
    )
    def test_a_name_leads_nowhere(self, bring, name, tmp_path):
        row = bring(b"code,size\nA,1\n", name=name)

        assert "/" not in row.file_name
        assert "\\" not in row.file_name
        assert actions.path_of(row.content_hash).is_relative_to(tmp_path)

    def test_problems_come_as_excel_without_formulas(self, bring, browser):
        row = bring(b'code,size\nA,"=HYPERLINK(""http://x"")"\n')

        answer = browser.get(reverse("intake:problems", args=[row.pk]))

        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")

    def test_a_file_beyond_the_limit_is_refused_and_not_kept(self, monkeypatch, tmp_path):
        monkeypatch.setattr(actions, "FILE_BYTES_MAX", 10)

        with pytest.raises(actions.FileTooLarge):
            actions.keep([b"12345", b"678901"], "big.csv")

    def test_the_template_comes_as_excel(self, browser):
        answer = browser.get(reverse("intake:template", args=["boxes"]))

        assert answer.content.startswith(b"PK")


class TestPermission:
    def test_a_kind_one_may_not_import_is_refused_everywhere(self, bring, browser, monkeypatch):
        row = bring(b"code,size\nA,1\n")
        kind = kinds.KINDS["boxes"]
        monkeypatch.setitem(
            kinds.KINDS, "boxes",
            kinds.Kind(**{**{f: getattr(kind, f) for f in kind.__dataclass_fields__},
                          "permission": "accounts.manage"}),
        )  # fmt: skip

        for name, args in (
            ("bring", ["boxes"]), ("template", ["boxes"]), ("import", [row.pk]),
            ("again", [row.pk]), ("problems", [row.pk]),
        ):  # fmt: skip
            assert browser.get(reverse(f"intake:{name}", args=args)).status_code == 403, name
        assert browser.post(reverse("intake:carry_out", args=[row.pk])).status_code == 403

    def test_the_list_shows_past_imports(self, bring, browser):
        bring(b"code,size\nA,1\n")

        page = browser.get(reverse("intake:imports")).content.decode()

        assert "boxes.csv" in page
        assert reverse("intake:template", args=["boxes"]) in page
        assert reverse("intake:bring", args=["boxes"]) in page
