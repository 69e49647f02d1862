"""The chain finds every way of tampering with it."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from huoshui.kernel import audit, clock
from huoshui.kernel.audit import trail, witness
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


class TestRecordRead:
    def test_is_written_once_in_a_while_for_each_reader_and_thing(self, five, monkeypatch):
        assert audit.record_read(None, "tests.read", "thing:1")
        assert not audit.record_read(None, "tests.read", "thing:1")
        assert audit.record_read(None, "tests.read", "thing:2")
        assert audit.record_read(None, "tests.other", "thing:1")

        later = clock.real_now() + trail.READ_AGAIN_AFTER
        monkeypatch.setattr(clock, "real_now", lambda: later + timedelta(seconds=1))
        assert audit.record_read(None, "tests.read", "thing:1")


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

    def test_finds_two_records_that_changed_places_with_hashes_made_anew(self, unguarded):
        second, third = AuditRecord.objects.filter(sequence__in=(2, 3)).order_by("sequence")
        second.subject, third.subject = third.subject, second.subject
        second.record_hash = trail.hash_of(second)
        third.previous_hash = second.record_hash
        third.record_hash = trail.hash_of(third)
        for one in (second, third):
            AuditRecord.objects.filter(pk=one.pk).update(
                subject=one.subject,
                previous_hash=one.previous_hash,
                record_hash=one.record_hash,
            )

        assert "record 4: does not follow" in problems()

    def test_finds_an_inserted_record(self, unguarded):
        second = AuditRecord.objects.get(sequence=2)
        with connection.cursor() as cursor:
            for number in (5, 4, 3):
                cursor.execute(
                    "UPDATE audit_auditrecord SET sequence = %s WHERE sequence = %s",
                    [number + 1, number],
                )
        forged = AuditRecord(
            sequence=3,
            at=second.at,
            shown_at=second.shown_at,
            action="tests.forged",
            subject="thing:3",
            previous_hash=second.record_hash,
        )
        forged.record_hash = trail.hash_of(forged)
        forged.save(force_insert=True)

        assert "record 4: does not follow" in problems()

    def test_sees_at_a_glance_what_happened_to_the_end(self, unguarded):
        assert trail.problems_of_the_end() == []

        AuditRecord.objects.filter(sequence=5).update(action="tests.other")
        assert "record 5: was changed" in trail.problems_of_the_end()[0]

        AuditRecord.objects.filter(sequence=5).delete()
        assert "records 5 to 5: missing" in trail.problems_of_the_end()[0]

    def test_finds_another_author(self, unguarded):
        from huoshui.kernel.accounts import actions

        user, _ = actions.add_user("li", "Li")
        AuditRecord.objects.filter(sequence=3).update(by=user)

        assert "record 3: was changed" in problems()

    def test_finds_that_the_row_of_the_end_is_gone(self, unguarded):
        AuditHead.objects.all().delete()

        assert "the end of the chain: its row is missing" in problems()


@pytest.mark.django_db(transaction=True)
class TestWitness:
    """The whole database is put back to an earlier state, with the seal it really had then."""

    @pytest.fixture(autouse=True)
    def _no_file(self):
        witness.forget()
        yield
        witness.forget()

    def put_back_after(self, kept: int) -> None:
        """Write five records, then restore the state after the record ``kept``."""
        began = AuditHead.objects.get().sequence
        for number in range(1, 6):
            audit.record(None, "tests.deed", f"thing:{number}", {})
            if number == kept:
                head = AuditHead.objects.values("sequence", "record_hash", "seal").get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute("DELETE FROM audit_auditrecord WHERE sequence > %s", [began + kept])
            for _name, sql in triggers:
                cursor.execute(sql)
        AuditHead.objects.update(**head)

    def test_betrays_a_database_that_was_put_back(self):
        self.put_back_after(3)

        assert "records 4 to 5: missing" in trail.problems_of_the_end()[0]
        assert "records 4 to 5: missing; a note outside the database knows them" in problems()

    def test_betrays_one_that_was_put_back_and_went_on(self):
        self.put_back_after(3)
        note = witness.path().read_text()
        for number in range(3):
            audit.record(None, "tests.other", f"thing:{number}", {})
        witness.path().write_text(note)

        assert "record 5: is not the one that was noted" in problems()

    def test_so_does_a_note_on_paper(self):
        self.put_back_after(5)
        head = AuditHead.objects.get()
        paper = witness.Note.parse(f"{head.sequence}:{head.record_hash}")
        assert trail.verify(kept=paper).problems == ()
        witness.forget()

        other = witness.Note(paper.sequence, "0" * 64)
        assert "is not the one that was noted" in trail.verify(kept=other).problems[0]
        beyond = witness.Note(paper.sequence + 2, "0" * 64)
        assert "missing" in trail.verify(kept=beyond).problems[0]

    def test_writes_nothing_for_a_deed_that_is_undone(self):
        with transaction.atomic():
            audit.record(None, "tests.deed", "thing:1", {})
            transaction.set_rollback(True)

        assert witness.latest() is None

    def test_does_not_believe_a_line_that_is_not_ours(self):
        audit.record(None, "tests.deed", "thing:1", {})
        with witness.path().open("a") as file:
            file.write(f"999 {'a' * 64} {'b' * 64}\nrubbish\n")

        assert witness.latest().sequence == AuditHead.objects.get().sequence

    def test_stays_small(self, monkeypatch):
        monkeypatch.setattr(witness, "BYTES_MAX", 500)
        for number in range(20):
            audit.record(None, "tests.deed", f"thing:{number}", {})

        assert witness.path().stat().st_size <= 700
        assert trail.verify().problems == ()
