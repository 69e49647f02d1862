"""A patrol walk in a real browser: no signal, a dead battery half-way, a finding with its photo.

    n1 ---- p2, 200 m ---- n2 ---- p3, 200 m ---- n3        the round; p2 is walked, p3 is not

Goal: what was walked reaches the office once, and it is the metres that were walked.
"""

from __future__ import annotations

import json
import math

import pytest

from tests.journeys import shift
from tests.journeys.crew import Carrier, picture

LON, LAT = 117.0, 36.65
# Metres in a degree on the ellipsoid of WGS 84 at this latitude.
NORTH_M = 110_950.0
EAST_M = 111_412.84 * math.cos(math.radians(LAT)) - 93.5 * math.cos(math.radians(3 * LAT))
ROUND = """
from datetime import date
from huoshui.areas.fieldwork import facade as fieldwork
fieldwork.make_patrol_round("XJ-01", name="Old town", zone_code="A", every_days=7,
                            begin_date=date(2026, 1, 1), by_id=None, pipes=["p2", "p3"])
"""


@pytest.fixture(scope="module")
def town(chromium, tmp_path_factory):
    with shift.running(tmp_path_factory.mktemp("patrol"), jobs=4) as running:
        running.run(ROUND)
        yield running


def stand(chen, east_m):
    """Move the phone to a metre of the street; its walk is a step a second."""
    chen.context.set_geolocation(
        {"longitude": LON + east_m / EAST_M, "latitude": LAT, "accuracy": 5}
    )
    chen.page.wait_for_timeout(1000)


def passed(chen):
    return float(chen.page.locator(".ph-walk").get_attribute("data-passed") or 0)


def test_a_walk_without_signal_survives_a_dead_phone_and_counts_once(chromium, town, tmp_path):
    chen = Carrier(chromium, town.new_line(), profile=tmp_path / "profile")
    chen.sign_in()
    chen.open("#/rounds")
    chen.page.locator("[data-round]").click()
    chen.page.locator(".ph-walkmap .ph-map").wait_for()
    chen.line.cut()

    stand(chen, 200)
    chen.tap("begin")
    chen.page.locator(".ph-walk[data-walking=true]").wait_for()
    for east_m in range(200, 301, 10):
        stand(chen, east_m)
    half = passed(chen)
    assert 0.2 < half < 0.4  # 125 of 400 m
    chen.kill()

    chen.switch_on()
    chen.open("#/walk/XJ-01")
    chen.page.locator(".ph-walk[data-walking=true]").wait_for()
    assert passed(chen) == pytest.approx(half, abs=0.02)
    for east_m in range(310, 401, 10):
        stand(chen, east_m)
    chen.tap("finding")
    chen.page.locator(".ph-sheet [value=leak]").click()
    assert chen.page.locator("[name=wants_job]").is_checked()
    chen.page.fill(".ph-sheet [name=note]", "Water on the road.")
    chen.page.set_input_files(
        ".ph-sheet [name=photo]",
        {"name": "wet.jpg", "mimeType": "image/jpeg", "buffer": picture(5)},
    )
    chen.keep()
    chen.tap("end")
    chen.tap("end-now")
    chen.page.locator("[data-round]").wait_for()
    assert chen.waiting() == 1 + 1 + 1  # a piece of the walk, the finding, its picture
    assert town.count("fieldwork_patrolwalk") == 0

    chen.line.mend()
    chen.open("#/sent")
    chen.wait_until_sent()

    ((length_m, covered_m, missed),) = town.rows(
        "select length_m, covered_m, missed from fieldwork_patrolwalk"
    )
    assert length_m == pytest.approx(400, abs=1)
    # From n1 to n2, and 25 m on: what is nearer counts as seen.
    assert covered_m == pytest.approx(225, abs=3)
    ((code, begin_m, end_m),) = json.loads(missed)
    assert (code, begin_m, end_m) == ("p3", pytest.approx(25, abs=3), pytest.approx(200, abs=1))
    ((kind, note, state, photos),) = town.rows(
        "select f.kind, f.note, j.state, (select count(*) from fieldwork_phonephoto p"
        " where p.content_hash = f.photo_hash) from fieldwork_patrolfinding f"
        " join fieldwork_patrolwalk w on w.id = f.walk_id join fieldwork_job j on j.id = f.job_id"
    )
    assert (kind, note, state, photos) == ("leak", "Water on the road.", "requested", 1)
    assert chen.count_the_day() == "true"
    chen.leave()
