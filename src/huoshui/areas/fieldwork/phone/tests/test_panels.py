"""What a phone recorded, in words instead of codes."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from huoshui.areas.fieldwork import contracts, models, words
from huoshui.areas.fieldwork.phone.models import PhoneEntry
from huoshui.areas.fieldwork.phone.web import panels

PARTS = {"meter_dn15": "Meter DN15"}
METER = {"old_number": "M1", "old_reading_m3": 981.2, "new_number": "M2", "new_part": "meter_dn15"}


def said(kind: str, **body: object) -> str:
    return panels.words_of(PhoneEntry(kind=kind, payload=json.dumps({"body": body})), PARTS)


class TestWordsOf:
    def test_name_the_sort_of_a_new_meter(self):
        found = said("meter", **METER)

        assert "Meter DN15" in found
        assert "meter_dn15" not in found

    def test_name_what_was_found_and_why(self):
        found = said("finish", found="meter_exchanged", cause="frost", note="x")

        for words_of_code in (words.FOUND["meter_exchanged"], words.CAUSES["frost"]):
            assert str(words_of_code) in found

    def test_are_set_as_chinese_is(self):
        with translation.override("zh-hans"):
            assert said("meter", **METER) == (
                "旧表号：M1；旧表止码（m³）：981.2；新表号：M2；新表型号：Meter DN15"
            )


class TestWorkOf:
    @pytest.mark.parametrize(
        ("job_type", "work"),
        [(None, words.KINDS["repair"]), ({"name_zh": "换表", "name_en": "Exchange"}, "Exchange")],
    )
    def test_is_the_type_or_else_the_kind(self, job_type, work):
        named = models.JobType(**job_type) if job_type else None

        with translation.override("en"):
            assert words.work_of(models.Job(kind="repair", job_type=named)) == str(work)


class TestCauses:
    def test_are_those_of_the_contract_and_nothing_else(self):
        assert set(words.CAUSES) == set(contracts.Cause)
