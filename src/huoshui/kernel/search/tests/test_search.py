"""The index of words: what it finds, that it follows every change, and that it mends itself.

code      name
P-1042    阀门井东街
P-1043    Lake Street
V-7       100%_sure
"""

from __future__ import annotations

import pytest
from django.db import connection, models

from huoshui.kernel import search
from huoshui.kernel.search.index import TERMS_MAX

INDEX = search.Index("search_thing", ("code", "name"))


class Thing(models.Model):
    """A row of a table that exists only in these tests."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200, null=True)

    class Meta:
        app_label = "search_tests"
        db_table = "search_thing"

    def __str__(self) -> str:
        return self.code


@pytest.fixture
def things(db):
    # Foreign keys are checked at the end, so a schema editor inside the test's transaction is fine.
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE search_thing "
            "(id integer PRIMARY KEY, code varchar(40), name varchar(200))"
        )
    search.ensure(INDEX)
    Thing.objects.create(code="P-1042", name="阀门井东街")
    Thing.objects.create(code="P-1043", name="Lake Street")
    Thing.objects.create(code="V-7", name="100%_sure")
    return Thing.objects.order_by("id")


def found(word: str) -> list[str]:
    return [one.code for one in INDEX.narrow(Thing.objects.order_by("id"), word)]


class TestNarrowAll:
    @pytest.mark.parametrize(
        ("words", "codes"),
        [
            (["P-104", "街"], ["P-1042"]),
            (["104", "LAKE"], ["P-1043"]),
            (["104", "7"], []),
            (["104", "nowhere"], []),
            (["1", "-"], ["P-1042", "P-1043", "V-7"]),
            (["V"], ["V-7"]),
            ([], ["P-1042", "P-1043", "V-7"]),
        ],
    )
    @pytest.mark.usefixtures("things")
    def test_keeps_what_holds_every_word(self, words: list[str], codes: list[str]):
        rows = INDEX.narrow_all(Thing.objects.order_by("id"), words)

        assert [one.code for one in rows] == codes

    @pytest.mark.usefixtures("things")
    def test_asks_the_index_for_words_that_are_common_only_by_themselves(self, monkeypatch):
        monkeypatch.setattr("huoshui.kernel.search.index.MANY", 1)
        monkeypatch.setattr("huoshui.kernel.search.index.COMMON_FRAC", 1.0)
        Thing.objects.create(code="104", name="44 04 04")
        assert INDEX._match("default", "04") == ""

        rows = INDEX.narrow_all(Thing.objects.order_by("id"), ["04", "Lake"])
        assert "LIKE" not in str(rows.query)
        assert [one.code for one in rows] == ["P-1043"]

    @pytest.mark.usefixtures("things")
    def test_finds_the_same_by_looking_at_each_row(self, monkeypatch):
        monkeypatch.setattr("huoshui.kernel.search.index.MANY", 0)
        rows = INDEX.narrow_all(Thing.objects.order_by("id"), ["P-1", "04"])

        assert [one.code for one in rows] == ["P-1042", "P-1043"]


class TestNarrow:
    @pytest.mark.parametrize(
        ("word", "codes"),
        [
            ("1042", ["P-1042"]),
            ("p-104", ["P-1042", "P-1043"]),
            ("LAKE st", ["P-1043"]),
            ("阀门井", ["P-1042"]),
            ("阀门", ["P-1042"]),
            ("东街", ["P-1042"]),
            ("街", ["P-1042"]),
            ("7", ["V-7"]),
            ("V", ["V-7"]),
            ("%_s", ["V-7"]),
            ("%", ["V-7"]),
            ("_", ["V-7"]),
            ("nowhere", []),
            ("没有", []),
        ],
    )
    def test_finds_a_word_of_any_length_anywhere(self, things, word, codes):
        assert found(word) == codes

    @pytest.mark.parametrize("word", ['"', '" OR "', "*", "a AND b", "\x00", "\x1f", "(", "NEAR("])
    def test_takes_the_index_own_language_for_plain_letters(self, things, word):
        assert found(word) in ([], ["P-1042", "P-1043", "V-7"])

    def test_never_finds_what_spans_two_columns(self, things):
        Thing.objects.create(code="abc", name="def")

        assert found("cde") == []

    def test_looks_at_each_row_for_a_short_word_that_is_nearly_everywhere(self, things):
        Thing.objects.bulk_create(
            Thing(code=f"z{chr(0x4E00 + n)}{chr(0x4E00 + n)}") for n in range(TERMS_MAX + 5)
        )

        assert INDEX._match("default", "z") == ""
        assert INDEX._is_common("default", "z")
        assert not INDEX._is_common("default", "sure")
        assert len(found("z")) == TERMS_MAX + 5

    def test_agrees_with_a_plain_search_on_every_piece_of_the_text(self, things):
        for text in ("P-1042", "阀门井东街", "Lake Street", "100%_sure"):
            pieces = {text[a:b] for a in range(len(text)) for b in range(a + 1, len(text) + 1)}
            for piece in pieces:
                plain = Thing.objects.filter(
                    models.Q(code__icontains=piece) | models.Q(name__icontains=piece)
                )
                assert found(piece) == [one.code for one in plain.order_by("id")], piece


class TestLeading:
    """With a leading column one Latin letter finds what begins with it."""

    LED = search.Index("search_thing", ("name",), leading="code")

    @pytest.mark.usefixtures("things")
    @pytest.mark.parametrize("many", [0, 5_000])
    @pytest.mark.parametrize("by", ["code", "name", ""])
    def test_one_letter_finds_what_begins_with_it(self, monkeypatch, many: int, by: str):
        monkeypatch.setattr("huoshui.kernel.search.index.MANY", many)
        Thing.objects.create(code="v-8", name="P")

        found = self.LED.narrow(Thing.objects.order_by("id"), "V", by=by)
        assert [one.code for one in found] == ["v-8"]

    @pytest.mark.usefixtures("things")
    def test_many_are_walked_in_the_order_asked_for(self, monkeypatch):
        monkeypatch.setattr("huoshui.kernel.search.index.MANY", 0)
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX thing_by_code ON search_thing (code)")
        Thing.objects.create(code="v-8")

        walked = self.LED.narrow(Thing.objects.order_by("name"), "v", by="name")
        assert "thing_by_code" not in walked.explain()
        found = self.LED.narrow(Thing.objects.order_by("code"), "v", by="code")
        assert "thing_by_code" in found.explain()

    @pytest.mark.usefixtures("things")
    @pytest.mark.parametrize("word", ["7", "街", "La"])
    def test_other_words_are_found_anywhere(self, word: str):
        search.ensure(INDEX)
        assert list(
            search.Index("search_thing", ("code", "name"), leading="code").narrow(
                Thing.objects.order_by("id"), word
            )
        ) == list(INDEX.narrow(Thing.objects.order_by("id"), word))


class TestKeeping:
    def test_follows_every_change(self, things):
        thing = Thing.objects.get(code="V-7")
        thing.name = "Mill Lane"
        thing.save()
        assert found("mill") == ["V-7"]
        assert found("sure") == []

        thing.delete()
        assert found("mill") == []

    def test_mends_an_index_that_lost_its_triggers(self, things):
        assert not search.ensure(INDEX)
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER search_thing_words_added")
        Thing.objects.create(code="Q-1", name="New Road")
        assert found("road") == []

        assert search.ensure(INDEX)
        assert found("road") == ["Q-1"]

    def test_mends_an_index_of_other_columns(self, things):
        assert search.ensure(search.Index("search_thing", ("code",)))

        assert found("Lake") == []

    def test_indexes_an_import_all_at_once(self, things):
        with search.without_triggers(INDEX):
            Thing.objects.bulk_create(Thing(code=f"B-{n}", name="Bulk") for n in range(50))

        assert len(found("bulk")) == 50
        Thing.objects.create(code="Q-1", name="New Road")
        assert found("road") == ["Q-1"]

    def test_refuses_names_that_are_no_names(self):
        with pytest.raises(ValueError, match="no plain name"):
            search.Index('a"; DROP TABLE x', ("code",))


class TestDeclared:
    def test_indexes_are_there_after_a_migration(self, db):
        assert search.declared()
        for index in search.declared():
            assert not search.ensure(index), index
