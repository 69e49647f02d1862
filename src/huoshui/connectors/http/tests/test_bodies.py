"""Bodies in all three forms, and whatever else somebody may send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.telemetry.contracts import Quality
from huoshui.connectors.http import bodies

AT = "2026-03-01T08:00:00+08:00"
POINTS = {"a": 1, "b": 2}


def read(body: str | bytes, kind: str) -> bodies.Columns:
    raw = body.encode() if isinstance(body, str) else body
    return bodies.read(raw, kind, lambda code: POINTS.get(code, -1))


class TestRead:
    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", f'{{"readings": [{{"point": "a", "at": "{AT}", "value": 1.5}}]}}'),
            ("application/x-ndjson", f'{{"point": "a", "at": "{AT}", "value": 1.5}}\n\n'),
            ("text/csv; charset=utf-8", f"point,at,value\na,{AT},1.5\n"),
            ("text/csv", f"\ufeffvalue;point;at\r\n1.5;a;{AT}\r\n"),
            ("text/csv", f"point\tat\tvalue\tquality\na\t{AT}\t1.5\t\n"),
        ],
    )
    def test_gives_the_same_reading_in_every_form(self, kind, body):
        found = read(body, kind)

        assert found.problems == []
        assert list(found.point_id) == [1]
        assert list(found.at_us) == [1_772_323_200_000_000]  # 2026-03-01T00:00:00Z
        assert list(found.value) == [1.5]

    def test_keeps_what_can_be_read_and_names_the_line_of_the_rest(self):
        found = read(
            f"point,at,value,quality\na,{AT},x\nb,{AT},2,bad\nc,{AT},3\na,now,1\n", "text/csv"
        )

        assert [(one.code, one.where.split(".")[0]) for one in found.problems] == [
            ("reading.value_not_a_number", "line 2"),
            ("reading.at_missing", "line 5"),
        ]
        assert (list(found.value), list(found.quality)) == ([2.0], [int(Quality.BAD)])
        assert found.unknown["c"].value == [3.0]

    @pytest.mark.parametrize(
        ("kind", "body", "code"),
        [
            ("text/csv", b"a,b\n1,2", "csv.column_missing"),
            ("text/csv", b"", "csv.column_missing"),
            ("text/csv", b"\xff\xfe", "payload.not_utf8"),
            ("application/x-ndjson", b"{", "payload.not_json"),
            ("application/x-ndjson", b"x" * 3000, "payload.line_too_long"),
            ("", b"[]", "payload.not_an_object"),
        ],
    )
    def test_says_what_is_wrong(self, kind, body, code):
        assert [one.code for one in read(body, kind).problems] == [code]

    @given(
        st.binary(max_size=600), st.sampled_from(["text/csv", "application/x-ndjson", "", "x/y"])
    )
    def test_never_raises_for_anything_a_sender_may_write(self, body, kind):
        read(body, kind)

    @given(st.text(max_size=300))
    def test_never_raises_for_rows_below_the_right_columns(self, rows):
        read(f"point,at,value,quality\n{rows}", "text/csv")
