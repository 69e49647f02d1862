r"""Reports of leaks, judged as the battle of 2020 judged them.

n0 ---- p0 200 m ---- n1 ---- p1 100 m ---- n2 ---- p2 400 m ---- n3
                       \---- valve, 0 m ---- n4 ---- p3 50 m ---- n5
"""

from datetime import UTC, datetime

import numpy as np
import pytest

from huoshui.democity.worlds import ltown
from huoshui.lab.hydraulics import epanet
from huoshui.lab.leakage import battle
from huoshui.lab.leakage.battle_files import Leak, Report, read_leaks, read_reports, written
from huoshui.lab.series.scada_files import UnreadableFile

LINKS = [(0, 1), (1, 2), (2, 3), (1, 4), (4, 5)]
LENGTHS = [200.0, 100.0, 400.0, 0.0, 50.0]
DAY_S = 86_400.0


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def ways(from_links, to_links):
    return battle.centre_distances(
        link_nodes=LINKS, length_m=LENGTHS, n_nodes=6, from_links=from_links, to_links=to_links
    )


class TestCentreDistances:
    def test_are_half_of_both_lengths_and_what_lies_between(self):
        assert ways([0], [0, 1, 2]).tolist() == [[0.0, 150.0, 100.0 + 100.0 + 200.0]]

    def test_do_not_lead_through_a_valve(self):
        assert ways([0], [4]).tolist() == [[np.inf]]

    def test_agree_with_the_published_report_on_l_town(self):
        """The organisers' report of `test_team_multiple`: p632 found the leak of p653 one day
        after it began and scored 10,047.8076 EUR; found where and when it began it is worth
        10,458.038. The difference pays the way and the first day's water, and a leak that grows
        from nothing over 49 days loses less than a cubic metre in its first (0 to 0.8 EUR).
        """
        with epanet.EpanetProject.from_path(ltown.network_path()) as project:
            way = battle.centre_distances(
                link_nodes=project.link_nodes, length_m=project.lengths_m(),
                n_nodes=len(project.node_ids), from_links=[project.link("p653")],
                to_links=[project.link("p632")],
            )[0, 0]  # fmt: skip

        paid = way / 300 * 500
        assert 0 <= (10_458.038 - 10_047.8076) - paid + 0.01 <= 0.81


# The 23 leaks of the battle: link, start and end (months of 2019; earlier years written out), and
# what the organisers' report of a team that knew everything gives for each. [EUR]
PUBLISHED = """
p257 2018-01-08T13:30 - 47071.6787
p427 2018-02-13T08:25 - 35000.0447
p810 2018-07-28T03:05 - 47739.018
p654 2018-07-05T03:40 - 37871.1327
p523 2019-01-15T23:00 2019-02-01T09:50 8902.722
p827 2019-01-24T18:30 2019-02-07T09:05 6848.354
p280 2019-02-10T13:05 - 32310.542
p653 2019-03-03T13:10 2019-05-05T12:10 10458.038
p710 2019-03-24T14:15 - 29648.6093
p514 2019-04-02T20:40 2019-05-23T14:55 15044.456
p331 2019-04-20T10:10 - 51752.7173
p193 2019-05-19T10:40 - 35680.1787
p277 2019-05-30T21:55 - 23101.2047
p142 2019-06-12T19:55 2019-07-17T09:25 17618.578
p680 2019-07-10T08:45 - 17980.0567
p586 2019-07-26T14:40 2019-09-16T03:20 11552.9153
p721 2019-08-02T03:00 - 29078.078
p800 2019-08-16T14:00 2019-10-01T16:35 13008.9027
p123 2019-09-13T20:05 - 10005.3307
p455 2019-10-03T14:00 - 8468.29
p762 2019-10-09T10:15 - 14025.914
p426 2019-10-25T13:25 - 17085.946
p879 2019-11-20T11:55 - 2901.1147
"""
FLOW = np.zeros((2 * 288, 2))
AT = moment("2019-03-01 00:00") + 300.0 * np.arange(len(FLOW))
FLOW[12:288, 0] = 0.01  # from 01:00 until midnight
FLOW[:, 1] = 0.002  # began long ago, and goes on
LEAKS = [
    Leak("p0", moment("2019-03-01 01:00"), moment("2019-03-01 23:55")),
    Leak("p2", moment("2018-07-01 00:00"), moment("2019-03-02 23:55")),
]


def judge(*said, leaks=LEAKS, flow=FLOW, at=AT):
    reports = [Report(link, moment(text)) for link, text in said]
    names = ["p0", "p1", "p2", "valve", "p3"]
    return battle.score(
        reports=reports, leaks=leaks, at_s=at, leak_flows_m3s=flow,
        distance_m=ways([names.index(one.link) for one in leaks],
                        [names.index(one.link) for one in reports]),
    )  # fmt: skip


class TestScore:
    def test_pays_for_the_water_that_would_still_have_run_out(self):
        found = judge(("p0", "2019-03-01 13:00"))

        # Eleven hours and the step before: 132 + 1 steps of 300 s at 10 L/s are 399 m³.
        assert found.judged[0].saved_m3 == pytest.approx(399.0)
        assert found.score_eur == pytest.approx(399.0 * 0.8)
        assert found.judged[0].delay_s == 12 * 3600
        assert found.missed == (1,)

    def test_takes_the_crews_way_off(self):
        near = judge(("p1", "2019-03-01 13:00"))

        # From p1 it is 150 m to p0 and 250 m to p2: the nearer one is found.
        assert near.judged[0].leak == 0
        assert near.score_eur == pytest.approx(399.0 * 0.8 - 500 * 150 / 300)

    def test_finds_the_next_leak_when_the_nearest_is_known(self):
        found = judge(("p1", "2019-03-01 13:00"), ("p1", "2019-03-01 13:05"))

        assert [one.leak for one in found.judged] == [0, 1]

    def test_gives_nothing_for_a_leak_that_is_known(self):
        found = judge(("p0", "2019-03-01 14:00"), ("p0", "2019-03-01 13:00"))

        assert [one.outcome for one in found.judged] == ["hit", "repeat"]
        assert found.score_eur == pytest.approx(399.0 * 0.8)

    @pytest.mark.parametrize(
        ("link", "at"),
        [
            ("p0", "2019-03-01 00:55"),  # not yet running; p2 is 400 m away
            ("p0", "2019-03-02 00:00"),  # over
            ("p3", "2019-03-01 13:00"),  # behind the valve
        ],
    )
    def test_sends_the_crew_in_vain_at_the_wrong_time_or_place(self, link, at):
        found = judge((link, at))

        assert (found.count(battle.Outcome.FALSE), found.score_eur) == (1, -500)

    def test_rounds_moments_to_steps(self):
        assert judge(("p0", "2019-03-01 00:58")).judged[0].outcome == "hit"

    def test_does_not_judge_what_was_said_before_the_first_step(self):
        found = judge(("p2", "2019-02-28 23:00"), ("p3", "2019-02-28 23:00"))

        assert [one.outcome for one in found.judged] == ["too_early"] * 2
        assert found.score_eur == 0

    def test_values_leaks_by_hours_as_by_five_minutes(self):
        hourly = FLOW.reshape(-1, 12, 2).mean(axis=1)

        by_hour = judge(("p0", "2019-03-01 13:00"), flow=hourly, at=AT[::12])

        assert by_hour.score_eur == pytest.approx(399.0 * 0.8)
        assert by_hour.best_eur == pytest.approx(judge().best_eur)

    def test_repeats_the_organisers_report_of_a_team_that_guessed_five_times(self):
        """`test_team_multiple`: p632 five times; only p653 is near, until 2019-05-05 12:10. The
        published scores are 10,047.8076, 0, 0, 0 and -500, in all 9,547.81.
        """
        at = np.arange(moment("2019-01-01 00:00"), moment("2020-01-01 00:00"), 300.0)
        leak = Leak("p653", moment("2019-03-03 13:10"), moment("2019-05-05 12:10"))
        paid = 246.117 / 300 * 500
        saved_m3 = (10_047.8076 + paid) / 0.8
        counted = (at >= moment("2019-03-04 13:05")) & (at <= leak.end_s)
        flow = np.where(counted, saved_m3 / counted.sum() / 300, 0.0)
        said = ["03-04 13:10", "03-05 13:10", "03-05 13:10", "05-05 12:05", "05-05 12:15"]

        found = battle.score(
            reports=[Report("p632", moment(f"2019-{text}")) for text in said],
            leaks=[leak], at_s=at, leak_flows_m3s=flow, distance_m=[[246.117] * 5],
        )  # fmt: skip

        assert [round(one.score_eur, 4) for one in found.judged] == [10_047.8076, 0, 0, 0, -500]
        assert round(found.score_eur, 2) == 9_547.81

    def test_repeats_the_organisers_report_of_a_team_that_knew_everything(self):
        """`test_team`: each leak where and when it begins, those of 2018 at 00:05, and p257 once
        more at 00:10. Published: 523,153.82 EUR, 23 found, nothing false, the repeat worth nothing.
        The official flows are not at hand; here each leak loses its published worth evenly.
        """
        at = np.arange(moment("2019-01-01 00:00"), moment("2020-01-01 00:00"), 300.0)
        first = moment("2019-01-01 00:05")
        leaks, reports, flows = [], [Report("p257", first + 300)], []
        for line in PUBLISHED.split("\n")[1:-1]:
            link, start, end, euro = line.split()
            leak = Leak(link, moment(start), moment("2019-12-31 23:55" if end == "-" else end))
            runs = (at >= leak.start_s) & (at <= leak.end_s)
            leaks.append(leak)
            reports.append(Report(link, max(leak.start_s, first)))
            flows.append(np.where(runs, float(euro) / 0.8 / runs.sum() / 300, 0.0))
        with epanet.EpanetProject.from_path(ltown.network_path()) as project:
            distance_m = battle.centre_distances(
                link_nodes=project.link_nodes, length_m=project.lengths_m(),
                n_nodes=len(project.node_ids),
                from_links=[project.link(one.link) for one in leaks],
                to_links=[project.link(one.link) for one in reports],
            )  # fmt: skip

        found = battle.score(
            reports=reports, leaks=leaks, at_s=at, leak_flows_m3s=np.column_stack(flows),
            distance_m=distance_m,
        )  # fmt: skip

        assert round(found.score_eur, 2) == 523_153.82
        counts = {one: found.count(one) for one in battle.Outcome}
        assert counts == {"hit": 23, "repeat": 1, "false": 0, "too_early": 0}
        assert [one.report.at_s for one in found.judged if one.outcome == "repeat"] == [first + 300]

    def test_names_a_link_that_is_not_there(self):
        with pytest.raises(battle.UnknownLink, match="p9"):
            battle.places(["p0", "p9"], {"p0": 0})


class TestFiles:
    def test_come_back_as_they_were_written(self, tmp_path):
        path = tmp_path / "results.txt"
        path.write_text(written([Report("p2", 300.0), Report("p1", 0.0)]))

        assert [(one.link, one.at_s) for one in read_reports(path)] == [("p1", 0.0), ("p2", 300.0)]

    def test_pass_over_comments_headings_and_further_columns(self, tmp_path):
        path = tmp_path / "leaks.csv"
        path.write_text("# truth\nlink,start,end\np1, 2019-01-01 00:05, 2019-01-02 00:00, 0.01\n")

        assert read_leaks(path) == [
            Leak("p1", moment("2019-01-01 00:05"), moment("2019-01-02 00:00"))
        ]

    @pytest.mark.parametrize(
        ("text", "line", "value"),
        [
            ("p1\n", 1, "p1"),
            ("p1, 2019-01-01 00:00\np2, soon\n", 2, "soon"),
        ],
    )
    def test_say_which_line_is_no_report(self, tmp_path, text, line, value):
        path = tmp_path / "results.txt"
        path.write_text(text)

        with pytest.raises(UnreadableFile) as refused:
            read_reports(path)
        assert (refused.value.line, refused.value.value) == (line, value)

    def test_let_a_leak_run_on_that_has_no_end(self, tmp_path):
        path = tmp_path / "leaks.csv"
        path.write_text("link;start;end\np0;2019-03-01 01:00;\n")

        (leak,) = read_leaks(path)

        assert leak.end_s == np.inf
        assert judge(("p0", "2019-03-02 10:00"), leaks=[leak, LEAKS[1]]).judged[0].outcome == "hit"

    def test_refuse_a_leak_that_ends_before_it_starts(self, tmp_path):
        path = tmp_path / "leaks.csv"
        path.write_text("p1,2019-01-02 00:00,2019-01-01 00:00\n")

        with pytest.raises(UnreadableFile, match="ends before"):
            read_leaks(path)

    def test_lists_every_line_that_is_no_report(self, tmp_path):
        path = tmp_path / "results.txt"
        path.write_text("p1, 2019-02-30 10:00\np2\np3, 2019-03-01 10:00\np4, soon\n")

        with pytest.raises(UnreadableFile) as refused:
            read_reports(path)

        listed = [refused.value, *refused.value.others]
        assert [one.line for one in listed] == [1, 2, 4]
