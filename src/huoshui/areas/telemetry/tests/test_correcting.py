"""Corrections: what is seen changes, what came stays, roll-ups follow, repeats do not undo them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry import contracts, facade, keeping, models, refusals
from huoshui.areas.telemetry.ingest import Historian
from huoshui.areas.telemetry.store import corrections as store
from huoshui.areas.telemetry.store import readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import BAD, DAY, HOUR, MINUTE, NAN, NOON
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord

ESTIMATED = 1


def correction(how: str, **changes: object) -> store.Correction:
    facts: dict[str, object] = {
        "number": 1,
        "revision": 1,
        "point_id": 1,
        "from_us": NOON + MINUTE,
        "until_us": NOON + 3 * MINUTE,
        "how": how,
    }
    return store.Correction(**{**facts, **changes})  # type: ignore[arg-type]


class TestApply:
    """Four readings 10, 20, 30, 40 a minute apart; the span holds the second and the third."""

    @pytest.mark.parametrize(
        ("one", "value", "quality"),
        [
            (correction("value", value=7.0), [10, 7, 7, 40], [0, 1, 1, 0]),
            (correction("scale", value=0.1, offset=1.0), [10, 3, 4, 40], [0, 1, 1, 0]),
            (
                correction("interpolate", line=(NOON, 10.0, NOON + 3 * MINUTE, 40.0)),
                [10, 20, 30, 40],
                [0, 1, 1, 0],
            ),
            (correction("bad"), [10, 20, 30, 40], [0, 3, 3, 0]),
            (correction("bad", stands=False), [10, 20, 30, 40], [0, 0, 0, 0]),
        ],
    )
    def test_changes_the_span_alone(
        self, one: store.Correction, value: list[float], quality: list[int]
    ) -> None:
        raw = self._raw()
        seen = store.Corrections([one]).apply(raw)

        assert seen.value.tolist() == value
        assert seen.quality.tolist() == quality
        assert raw.value.tolist() == [10, 20, 30, 40]

    def test_works_on_what_earlier_corrections_made_and_brings_the_original_back(self) -> None:
        rows = [
            correction("restore", number=3, from_us=NOON + 2 * MINUTE),
            correction("scale", number=2, value=2.0),
            correction("value", number=1, value=7.0),
        ]

        seen = store.Corrections(rows).apply(self._raw())

        assert seen.value.tolist() == [10, 14, 30, 40]
        assert seen.quality.tolist() == [0, ESTIMATED, 0, 0]

    def _raw(self) -> readers.columns.Columns:
        return readers.columns.Columns(
            np.ones(4, np.int32),
            NOON + np.arange(4) * MINUTE,
            np.array([10.0, 20.0, 30.0, 40.0]),
            np.zeros(4, np.uint8),
            np.zeros(4, np.int64),
        )


deeds = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 2), st.integers(0, 3), st.floats(0, 99)),
        st.sampled_from(["flush", "upkeep", "undo"]),
        st.tuples(st.just("correct"), st.integers(1, 2), st.integers(0, 3), st.floats(0, 9)),
        st.tuples(st.just("bad"), st.integers(1, 2), st.integers(0, 3), st.just(0.0)),
    ),
    max_size=14,
)


class TestRollUps:
    @given(deeds)
    @settings(max_examples=30, deadline=None)
    def test_hold_exactly_what_is_seen_whatever_comes_in_between(self, given_: list) -> None:
        """The model: the last of each moment, then the corrections that stand, in order."""
        raw: dict[tuple[int, int], float] = {}
        made: list[store.Correction] = []
        revision = 0
        clock_ = cast.Clock(NOON + 9 * DAY)
        with tempfile.TemporaryDirectory() as made_in:
            folder = Path(made_in)
            points = [cast.pressure(1, range_min=NAN), cast.pressure(2, range_min=NAN)]
            historian = cast.historian(folder, points, clock_)
            reader = readers.Reader(folder, lambda _points: store.Corrections(made))
            for deed in given_:
                if deed == "flush":
                    historian.flush()
                elif deed == "upkeep":
                    historian.upkeep(quiet_s=0)
                elif deed == "undo":
                    if made:
                        revision += 1
                        last = made.pop()
                        made.append(
                            store.Correction(
                                **{**last.__dict__, "revision": revision, "stands": False}
                            )
                        )
                elif deed[0] in {"correct", "bad"}:
                    revision += 1
                    how, point, day, value = deed
                    made.append(
                        store.Correction(
                            number=len(made) + 1,
                            revision=revision,
                            point_id=point,
                            from_us=NOON + day * DAY,
                            until_us=NOON + day * DAY + 1,
                            how="bad" if how == "bad" else "value",
                            value=value,
                        )
                    )
                else:
                    point, day, value = deed
                    historian.accept(cast.batch((point, NOON + day * DAY, value)))
                    raw[point, NOON + day * DAY] = value
                historian.keeper.see_with(store.Corrections(made))
                self._agree(reader, raw, made)
            historian.flush()
            historian.upkeep(quiet_s=0)
            self._agree(reader, raw, made)
            assert historian.journal.mark("corrected") == revision
            plain = readers.Reader(folder)
            rolled = plain.hourly([1, 2], NOON - DAY, NOON + 9 * DAY)
            historian.close()

        # By now the roll-ups on disk hold the corrections, even for one who knows none.
        assert self._hours(rolled) == self._seen(raw, made)

    def _agree(
        self,
        reader: readers.Reader,
        raw: dict[tuple[int, int], float],
        made: list[store.Correction],
    ) -> None:
        found = reader.hourly([1, 2], NOON - DAY, NOON + 9 * DAY)
        assert self._hours(found) == self._seen(raw, made)

    def _hours(self, found: dict) -> dict[tuple[int, int], float]:
        return {
            (point, hour): value
            for point, part in found.items()
            for hour, value in zip(part.hour_us.tolist(), part.values[1].tolist(), strict=True)
        }

    def _seen(
        self, raw: dict[tuple[int, int], float], made: list[store.Correction]
    ) -> dict[tuple[int, int], float]:
        seen = dict(raw)
        bad = set()
        for one in made:
            key = (one.point_id, one.from_us)
            if key in raw and one.stands:
                if one.how == "bad":
                    bad.add(key)
                else:
                    seen[key] = one.value
                    bad.discard(key)
        return {key: value for key, value in seen.items() if key not in bad}


@pytest.fixture
def flow(home: Path, db: None) -> Iterator[Historian]:
    """An hour of a flow point, a reading a minute: 0, 1, ... 59 m³/h; the clock is at 15:00."""
    facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
    number = facade.point_ids()["a.flow"]
    historian = keeping.open_historian()
    historian.moment = lambda: cast.Clock(NOON + 3 * HOUR)()
    historian.accept(
        cast.columns([number] * 60, [NOON + m * MINUTE for m in range(60)], list(range(60)))
    )
    with clock.frozen(contracts.from_us(NOON + 3 * HOUR)):
        yield historian
    historian.close()


def at(minute: float):
    return contracts.from_us(int(NOON + minute * MINUTE))


class TestCorrect:
    def test_is_seen_at_once_and_survives_a_late_repeat(
        self, flow: Historian, person: SimpleNamespace
    ) -> None:
        made = facade.correct(
            "a.flow", at(10), at(12), how="value", value=99.0, reason="valve open", by_id=person.id
        )
        number = facade.point_ids()["a.flow"]
        flow.accept(cast.batch((number, NOON + 10 * MINUTE, 10.0)))
        flow.flush()

        seen = facade.readings(["a.flow"], at(9), at(13))["a.flow"]
        raw = facade.readings(["a.flow"], at(9), at(13), version="raw")["a.flow"]

        assert (made.readings, made.how) == (2, "value")
        assert seen.value.tolist() == [9.0, 99.0, 99.0, 12.0]
        assert seen.quality.tolist() == [0, ESTIMATED, ESTIMATED, 0]
        assert raw.value.tolist() == [9.0, 10.0, 11.0, 12.0]
        record = AuditRecord.objects.get(action="telemetry.readings_corrected")
        assert (record.subject, record.detail["reason"]) == ("point:a.flow", "valve open")

    def test_draws_a_line_between_the_good_readings_beside(
        self, flow: Historian, person: SimpleNamespace
    ) -> None:
        """Between 9 at minute 9 and 20 at minute 20, in eleven steps of 1."""
        number = facade.point_ids()["a.flow"]
        rows = [(number, NOON + minute * MINUTE, 500.0) for minute in range(10, 20)]
        flow.accept(cast.batch(*rows))

        facade.correct(
            "a.flow", at(10), at(20), how="interpolate", reason="spikes", by_id=person.id
        )

        seen = facade.readings(["a.flow"], at(9), at(21))["a.flow"]
        assert seen.value == pytest.approx(range(9, 21))

    def test_is_followed_by_hours_and_steps(self, flow: Historian, person: SimpleNamespace) -> None:
        facade.correct(
            "a.flow", at(0), at(60), how="scale", value=2.0, reason="pulse weight", by_id=person.id
        )

        hour = facade.hourly(["a.flow"], at(0), at(60))["a.flow"]
        steps = facade.readings(["a.flow"], at(0), at(60), step_s=1800)["a.flow"]

        assert hour.value_mean.tolist() == [59.0]
        assert steps.value.tolist() == [29.0, 89.0]

    def test_can_be_undone_once(self, flow: Historian, person: SimpleNamespace) -> None:
        made = facade.correct(
            "a.flow", at(10), at(12), how="bad", reason="calibrated", by_id=person.id
        )
        facade.undo_correction(made.number, person.id)

        seen = facade.readings(["a.flow"], at(9), at(13))["a.flow"]
        assert seen.quality.tolist() == [0, 0, 0, 0]
        [kept] = facade.corrections("a.flow")
        assert kept.undone_by_id == person.id
        with pytest.raises(refusals.CorrectionAlreadyUndone):
            facade.undo_correction(made.number, person.id)

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("span", {"from_at": at(5), "until": at(5)}),
            ("future", {"until": at(600)}),
            ("too_long", {"from_at": at(0) - timedelta(days=400)}),
            ("reason", {"reason": "  "}),
            ("value", {"value": None}),
            ("unknown_way", {"how": "guess"}),
            ("of_nothing", {"from_at": at(100), "until": at(101)}),
            ("line", {"from_at": at(0), "how": "interpolate"}),
        ],
    )
    def test_refuses_what_cannot_be_meant(
        self, flow: Historian, person: SimpleNamespace, code: str, changes: dict
    ) -> None:
        asked = {"from_at": at(1), "until": at(5), "how": "value", "value": 1.0, "reason": "x"}
        asked |= changes

        with pytest.raises(refusals.NotCorrectable) as refused:
            facade.correct("a.flow", by_id=person.id, **asked)

        assert (refused.value.code, refused.value.data["problem"]) == (
            "telemetry.not_correctable",
            code,
        )
        assert not models.Correction.objects.exists()

    def test_marks_bad_readings_bad_for_the_hours(
        self, flow: Historian, person: SimpleNamespace
    ) -> None:
        facade.correct("a.flow", at(0), at(60), how="bad", reason="dry", by_id=person.id)

        assert len(facade.hourly(["a.flow"], at(0), at(60))["a.flow"]) == 0
        assert set(facade.readings(["a.flow"], at(0), at(60))["a.flow"].quality) == {BAD}
