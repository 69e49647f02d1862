"""The chain finds every way of tampering with it."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from huoshui.kernel import audit
from huoshui.kernel.audit import trail
from huoshui.kernel.audit.models import AuditHead, AuditRecord


@pytest.fixture
def five(db):
    """Five records, as an honest installation has them."""
    for number in range(1, 6):
        audit.record(None, "tests.deed", f"thing:{number}", {"number": number, "词": "水"})


@pytest.fixture
def unguarded(five):
    """A forger with a shell on the server has removed the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def problems() -> str:
    return "\n".join(trail.verify().problems)


class TestRecord:
    def test_is_undone_with_the_deed(self, five):
        with transaction.atomic():
            audit.record(None, "tests.deed", "thing:6", {})
            transaction.set_rollback(True)

        assert AuditRecord.objects.count() == 5
        assert trail.verify().problems == ()

    def test_is_a_chain(self, five):
        hashes = list(
            AuditRecord.objects.order_by("sequence").values_list("record_hash", flat=True)
        )
        before = list(
            AuditRecord.objects.order_by("sequence").values_list("previous_hash", flat=True)
        )

        assert before == ["0" * 64, *hashes[:-1]]
        assert trail.verify() == trail.Verdict(records=5, head_hash=hashes[-1], problems=())

    @pytest.mark.django_db(transaction=True)
    def test_never_forks_when_many_write_at_once(self):
        began = AuditHead.objects.get().sequence

        def write(number):
            try:
                for step in range(5):
                    audit.record(None, "tests.rush", f"thread:{number}", {"step": step})
            finally:
                connections.close_all()

        threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert AuditHead.objects.get().sequence == began + 30
        assert trail.verify().problems == ()


class TestDatabase:
    def test_refuses_to_change_a_record(self, five):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditRecord.objects.filter(sequence=3).update(action="tests.nothing")

    def test_refuses_to_remove_a_record(self, five):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditRecord.objects.filter(sequence=3).delete()


class TestVerify:
    @pytest.mark.parametrize(
        "change",
        [
            {"action": "tests.other"},
            {"subject": "thing:9"},
            {"detail": {"number": 99}},
            {"record_hash": "f" * 64},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_finds_an_edited_record(self, unguarded, change):
        AuditRecord.objects.filter(sequence=3).update(**change)

        assert "record 3: was changed" in problems()

    def test_finds_a_record_with_another_moment(self, unguarded):
        third = AuditRecord.objects.get(sequence=3)
        AuditRecord.objects.filter(sequence=3).update(at=third.at - timedelta(days=1))

        assert "record 3: was changed" in problems()

    def test_finds_an_edited_record_with_its_hash_made_anew(self, unguarded):
        third = AuditRecord.objects.get(sequence=3)
        third.action = "tests.other"
        AuditRecord.objects.filter(sequence=3).update(
            action=third.action, record_hash=trail.hash_of(third)
        )

        assert "record 4: does not follow" in problems()

    def test_finds_a_removed_record(self, unguarded):
        AuditRecord.objects.filter(sequence=3).delete()

        assert "record 3: missing" in problems()

    def test_finds_reordered_records(self, unguarded):
        AuditRecord.objects.filter(sequence=2).update(sequence=90)
        AuditRecord.objects.filter(sequence=3).update(sequence=2)
        AuditRecord.objects.filter(sequence=90).update(sequence=3)

        assert "record 2: does not follow" in problems()

    def test_finds_a_tail_that_was_cut_off(self, unguarded):
        AuditRecord.objects.filter(sequence__gt=3).delete()

        assert "records 4 to 5: missing; the tail was cut off" in problems()

    def test_finds_a_cut_tail_with_the_end_moved_to_match(self, unguarded):
        AuditRecord.objects.filter(sequence__gt=3).delete()
        third = AuditRecord.objects.get(sequence=3)
        AuditHead.objects.update(sequence=3, record_hash=third.record_hash)

        assert "seal was not made by this installation" in problems()

    def test_finds_a_record_added_behind_our_back(self, unguarded):
        fifth = AuditRecord.objects.get(sequence=5)
        added = AuditRecord(
            sequence=6,
            at=fifth.at,
            shown_at=fifth.shown_at,
            action="tests.forged",
            subject="thing:6",
            previous_hash=fifth.record_hash,
        )
        added.record_hash = trail.hash_of(added)
        added.save(force_insert=True)

        assert "records 6 to 6: added behind our back" in problems()

    def test_finds_that_everything_is_gone(self, unguarded):
        AuditRecord.objects.all().delete()

        assert "records 1 to 5: missing" in problems()
