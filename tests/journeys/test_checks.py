"""A round to a source in a real browser: no signal, a dead battery, a figure out of limits twice.

Goal: what was seen reaches the office once, with its photo, and one job comes of it, not two.
"""

from __future__ import annotations

import json

import pytest

from tests.journeys import shift
from tests.journeys.crew import Carrier, picture

ROUND = """
from datetime import date
from huoshui.areas.fieldwork import facade as fieldwork
fieldwork.make_check_list(
    "JC-S", name_zh="水源地巡查表", name_en="Source", asset_kind="reservoir", by_id=None,
    items=[
        ("fence", "围栏", "Fence", "ok", "", None, None, True, False),
        ("ntu", "浑浊度", "Turbidity", "number", "NTU", None, 20.0, True, True),
        ("photo", "照片", "Photo", "photo", "", None, None, False, False),
    ],
)
fieldwork.make_check_round("SB-01", name="Sources", every_days=7, begin_date=date(2026, 1, 1),
                           assets=["R1"], by_id=None)
"""


@pytest.fixture(scope="module")
def town(chromium, tmp_path_factory):
    with shift.running(tmp_path_factory.mktemp("checks"), jobs=4) as running:
        running.run(ROUND)
        yield running


def look(chen, ntu, *, photo=None):
    """Write down what is seen at the source; the button is pressed twice, as cold hands do."""
    chen.page.locator('[data-asset="R1"]').click()
    chen.page.locator(".ph-sheet [name=fence][value=yes]").check()
    chen.page.fill(".ph-sheet [name=ntu]", str(ntu))
    if photo:
        chen.page.set_input_files(
            ".ph-sheet [name=photo]",
            {"name": "intake.jpg", "mimeType": "image/jpeg", "buffer": photo},
        )
    chen.page.locator(".ph-sheet [type=submit]").dblclick()
    chen.page.locator(".ph-sheet").wait_for(state="detached")


def is_checked(chen):
    return chen.page.locator('[data-asset="R1"]').get_attribute("aria-checked")


def test_a_round_without_signal_counts_once_and_asks_for_one_job(chromium, town, tmp_path):
    chen = Carrier(chromium, town.new_line(), profile=tmp_path / "profile")
    chen.sign_in()
    chen.open("#/rounds")
    chen.page.locator("[data-check-round]").click()
    chen.page.locator('[data-asset="R1"]').wait_for()
    chen.line.cut()

    chen.page.locator('[data-asset="R1"]').click()
    chen.page.fill(".ph-sheet [name=ntu]", "25")
    assert "20" in chen.page.locator(".ph-sheet .ph-wrong").first.inner_text()
    chen.page.locator(".ph-sheet [type=submit]").click()
    assert "Fence" in chen.page.locator(".ph-sheet [role=alert]").inner_text()
    chen.page.locator(".ph-sheet [name=fence][value=yes]").check()
    chen.page.keyboard.press("Escape")
    look(chen, 25, photo=picture(6))
    assert (chen.waiting(), is_checked(chen)) == (3, "true")  # check, photo entry, its bytes
    chen.kill()

    chen.switch_on()
    chen.open("#/check/SB-01")
    chen.page.locator('[data-asset="R1"]').wait_for()
    assert is_checked(chen) == "true"
    look(chen, 27)
    assert town.count("fieldwork_check") == 0

    chen.line.mend()
    chen.open("#/sent")
    chen.wait_until_sent()

    rows = town.rows(
        "select c.answers, c.wrong, c.missing, f.job_id, f.photo_hash from fieldwork_check c"
        " join fieldwork_patrolfinding f on f.id = c.finding_id order by c.id"
    )
    said = [{one["item"]: one["value"] for one in json.loads(row[0])} for row in rows]
    assert [(one["fence"], one["ntu"]) for one in said] == [(True, 25), (True, 27)]
    assert [row[1:3] for row in rows] == [(1, 0), (1, 0)]
    job, again = (row[3] for row in rows)
    assert job is not None
    assert again == job
    assert town.count("fieldwork_phonephoto", f"content_hash = '{said[0]['photo']}'") == 1
    assert rows[0][4] == said[0]["photo"]
    assert chen.count_the_day() == "true"
    chen.leave()
