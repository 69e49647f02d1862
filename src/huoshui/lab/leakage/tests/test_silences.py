"""Hours not judged: told events as files, gaps, and what is usual in their place."""

import numpy as np
import pytest

from huoshui.lab.leakage import silences
from huoshui.lab.series.scada_files import UnreadableFile

HOUR = 3600.0
DAY_2019 = 17_897 * 86_400.0


class TestReadEvents:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_takes_moments_and_whole_days(self, tmp_path, encoding):
        path = tmp_path / "events.csv"
        text = (
            "开始,结束,什么\n2019-01-01 06:00,2019-01-01 08:30,新管冲洗\n\n2019/01/03;2019/01/04\n"
        )
        path.write_bytes(text.encode(encoding))

        flush, works = silences.read_events(path)

        assert flush == silences.Span(DAY_2019 + 6 * HOUR, DAY_2019 + 8.5 * HOUR, "新管冲洗")
        assert (works.from_s, works.until_s) == (DAY_2019 + 48 * HOUR, DAY_2019 + 96 * HOUR)

    def test_lists_every_bad_line(self, tmp_path):
        path = tmp_path / "events.csv"
        path.write_text(
            "from,until,what\nspring,2019-01-02,fill\n2019-01-05\n2019-01-05,2019-01-04,works\n"
        )

        with pytest.raises(UnreadableFile) as refused:
            silences.read_events(path)

        listed = [refused.value, *refused.value.others]
        assert [(one.line, one.why) for one in listed] == [
            (2, "not_a_moment"),
            (3, "no_event"),
            (4, "event_ends_before"),
        ]


class TestGaps:
    def test_finds_a_silence_of_one_meter_and_passes_over_a_short_one(self):
        at = 300.0 * np.arange(100)
        values = np.ones((100, 2))
        values[10:14, 0] = np.nan
        values[50:80, 1] = np.nan

        found = silences.gaps(at_s=at, values=values)

        assert found == [silences.Span(49 * 300.0, 80 * 300.0)]

    def test_finds_missing_rows_and_a_silent_end(self):
        at = np.concatenate([HOUR * np.arange(48), HOUR * np.arange(96, 120)])
        values = np.ones((72, 1))
        values[-8:] = np.nan

        found = silences.gaps(at_s=at, values=values)

        assert [(one.from_s / HOUR, one.until_s // HOUR) for one in found] == [(47, 96), (111, 119)]


class TestBridged:
    def test_puts_what_is_usual_at_that_time_and_looks_only_back(self):
        at = HOUR * np.arange(24 * 6)
        values = (np.arange(at.size) % 24).astype(float)[:, None]
        values[24 * 4 :] = 100.0
        span = silences.Span(HOUR * (24 * 3 + 5), HOUR * (24 * 3 + 8))
        broken = values.copy()
        broken[24 * 3 + 5 : 24 * 3 + 8] = 77.0

        grid, found = silences.bridged(at_s=at, values=broken, spans=[span])

        np.testing.assert_array_equal(grid, at)
        np.testing.assert_array_equal(found, values)

    def test_fills_rows_that_are_missing(self):
        at = HOUR * np.array([n for n in range(96) if not 50 <= n < 60])
        values = (np.rint(at / HOUR) % 24)[:, None]

        grid, found = silences.bridged(
            at_s=at, values=values, spans=silences.gaps(at_s=at, values=values)
        )

        assert grid.size == 96
        np.testing.assert_array_equal(found[:, 0], np.arange(96) % 24)
