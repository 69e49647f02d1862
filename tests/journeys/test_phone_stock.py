"""Materials and meters written on a phone without signal: the books follow once, whatever happens.

Goal: what a crew took from its van and which meter now hangs on the wall is in the books as soon as
the phone has a line again, and the crew is told where the books said something else.
"""

from __future__ import annotations

import pytest

from tests.journeys import shift
from tests.journeys.crew import Carrier, picture

EXCHANGE = "select number from fieldwork_job where title = 'Exchange at Guangming 3'"


@pytest.fixture(scope="module")
def town(chromium, tmp_path_factory):
    with shift.running(tmp_path_factory.mktemp("stock"), jobs=2) as running:
        running.run("from tests.journeys import shift; shift.equip()")
        yield running


@pytest.fixture
def chen(chromium, town):
    carrier = Carrier(chromium, town.new_line())
    carrier.sign_in()
    yield carrier
    carrier.leave()


def lying(town, part):
    """Return how many of a part the books say are in the van."""
    ((quantity,),) = town.rows(
        "select s.quantity from fieldwork_stock s join fieldwork_part p on p.id = s.part_id"
        " join fieldwork_store o on o.id = s.store_id where o.code = 'V-Q' and p.code = ?",
        part,
    )
    return quantity


def use(chen, part, count):
    chen.tap("material")
    for _ in range(count):
        chen.page.locator(f'[data-more="{part}"]').click()
    chen.keep()


def test_what_was_used_without_signal_leaves_the_van_once(town, chen):
    ((number,),) = town.rows(EXCHANGE)
    chen.open_job(number)
    chen.line.cut()
    chen.begin()

    chen.tap("material")
    kit = chen.page.locator(".ph-sheet").inner_text()
    assert "2 pc in the vehicle" in kit
    assert chen.page.locator('[data-more="meter"]').count() == 0, "the exchange books the meter"
    chen.page.locator('[data-take="kit"]').click()
    chen.keep()
    chen.tap("material")
    assert "1 pc in the vehicle" in chen.page.locator(".ph-sheet").inner_text()
    chen.page.locator(".ph-close").click()
    assert lying(town, "clamp") == 2
    chen.line.mend()
    chen.wait_until_sent()

    assert lying(town, "clamp") == 1
    used = town.rows("select quantity from fieldwork_stockmovement where key like 'phone:%'")
    assert used == [(1,)]


def test_more_than_the_books_had_is_kept_and_the_crew_is_told(town, chen):
    ((number,),) = town.rows(EXCHANGE)
    chen.open_job(number)
    before = lying(town, "clamp")
    chen.line.cut()
    use(chen, "clamp", before + 2)
    chen.line.mend()
    chen.wait_until_sent()

    assert lying(town, "clamp") == 0
    differences = town.rows("select quantity from fieldwork_stockmovement where is_difference")
    assert differences == [(2,)]
    chen.open_job(number)
    assert "The books had 2 less in your vehicle" in chen.page.locator(".ph-entries").inner_text()


def test_an_exchanged_meter_is_in_the_register_and_a_mistyped_reading_is_asked_about(town, chen):
    ((number,),) = town.rows(EXCHANGE)
    chen.open_job(number)
    chen.line.cut()
    chen.tap("meter")
    sheet = chen.page.locator('.ph-sheet[data-sheet="meter"]')
    assert sheet.locator("[name=old_number]").input_value() == "OLD-1"
    assert "Read before: 100 m³" in sheet.inner_text()
    sheet.locator("[name=old_reading_m3]").fill("12")
    sheet.locator("[name=new_number]").fill("NEW-1")
    sheet.locator("[type=submit]").click()
    assert "now 12 m³ would be less" in sheet.locator(".ph-wrong").inner_text()
    assert chen.waiting() == 0
    sheet.locator("[name=old_reading_m3]").fill("112")
    chen.keep()
    chen.photograph(picture(31), shows="meter")
    chen.line.mend()
    chen.wait_until_sent()

    assert lying(town, "meter") == 2
    assert town.rows("select meter_number, reading_m3 from customers_servicepoint") == [
        ("NEW-1", 0.0)
    ]
    exchanged = town.rows(
        "select old_number, old_reading_m3, new_number, problem, job_number"
        " from customers_meterexchange"
    )
    assert exchanged == [("OLD-1", 112.0, "NEW-1", "", number)]


def test_a_place_is_shared_only_after_somebody_agreed_and_forgotten_when_they_stop(town, chen):
    place = "select lon, lat, placed_by_phone from fieldwork_crew where code = 'Q'"
    town.run(
        "from huoshui.areas.fieldwork.models import Crew\n"
        "Crew.objects.update(lon=None, lat=None, placed_at=None)"
    )
    chen.open("#/jobs")
    assert "Your place is not shared." in chen.page.locator(".ph-share").inner_text()
    assert town.rows(place) == [(None, None, 0)]

    chen.tap("share")
    chen.page.locator('[data-share="yes"]').click()
    chen.page.get_by_text("Your place is shared; told").wait_for()

    assert town.rows(place) == [(117.003, 36.651, 1)]
    chen.tap("share")
    chen.page.get_by_text("Your place is not shared.").wait_for()
    chen.wait_until_sent()
    assert town.rows(place) == [(None, None, 0)]
