"""The worlds are what they say they are."""

import importlib.metadata

import pytest

from huoshui.democity import worlds
from huoshui.democity.worlds import ltown
from huoshui.lab.hydraulics import epanet


class TestSoundWorlds:
    @pytest.mark.parametrize("name", sorted(set(worlds.ALL) - worlds.BROKEN))
    def test_run_without_a_warning(self, name):
        with epanet.EpanetProject(worlds.ALL[name]().inp_text) as project:
            project.set_times(duration_s=3600, step_s=300)
            for _ in project.moments():
                assert not project.warnings

    @pytest.mark.parametrize("name", sorted(set(worlds.ALL) - worlds.BROKEN))
    def test_measure_only_what_exists(self, name):
        world = worlds.ALL[name]()
        with epanet.EpanetProject(world.inp_text) as project:
            nodes, links = set(project.node_ids), set(project.link_ids)

        assert {*world.pressure_nodes, *world.meter_nodes, *world.level_tanks} <= nodes
        assert set(world.flow_links) <= links
        assert set(world.attributes) <= links
        for balance in world.balances.values():
            assert {*balance.inlets, *balance.outlets} <= set(world.flow_links)
            assert set(balance.meters) <= set(world.meter_nodes)


class TestLTown:
    def test_has_the_published_size_and_sensors(self):
        # BattLeDIM 2020: 33 pressure sensors, 3 flow meters, 82 meters, one tank.
        world = worlds.l_town()

        assert len(world.pressure_nodes) == 33
        assert len(world.flow_links) == 3
        assert len(world.meter_nodes) == 82

    def test_puts_every_asset_into_one_zone(self):
        world = worlds.l_town()
        members = [code for zone in world.zones for code in zone.assets]

        assert len(members) == 785 + 909
        assert len(set(members)) == len(members)

    def test_zone_c_is_what_lies_behind_the_pump(self):
        world = worlds.l_town()

        assert {world.zone_of(node) for node in world.meter_nodes} == {"C"}
        assert [world.zone_of(x) for x in ("T1", "PUMP_1", "n54", "R1")] == ["C", "C", "AB", "AB"]

    def test_boundaries_are_closed_and_in_the_city(self):
        for zone in worlds.l_town().zones:
            assert len(zone.boundary) > 10
            assert zone.boundary[0] == zone.boundary[-1]
            assert all(abs(lon - 117.02) < 0.05 for lon, _ in zone.boundary)

    def test_is_the_same_every_time(self):
        again = worlds.l_town.__wrapped__()

        assert again.attributes == worlds.l_town().attributes

    def test_lays_no_pipe_after_its_year(self):
        world = worlds.l_town.__wrapped__(2001)

        assert len(world.attributes) == 905
        assert max(a.laid_year for a in world.attributes.values()) < 2001

    def test_refuses_clearly_without_the_demo_extra(self, monkeypatch):
        def missing(name):
            raise importlib.metadata.PackageNotFoundError(name)

        monkeypatch.setattr(importlib.metadata, "files", missing)

        with pytest.raises(ltown.DemoExtraMissing, match="not installed"):
            ltown.network_path()


class TestBrokenWorlds:
    @pytest.mark.parametrize("name", sorted(worlds.BROKEN))
    def test_say_what_is_wrong(self, name):
        assert worlds.ALL[name].__doc__.startswith("Return a world")

    @pytest.mark.parametrize(
        "name",
        sorted(worlds.BROKEN - {"node_without_coordinates", "coordinates_off_the_map"}),
    )
    def test_cannot_be_run(self, name):
        # Places do not matter to EPANET; all the rest must stop it or make it warn.
        warnings: set[int] = set()
        refused = False
        try:
            with epanet.EpanetProject(worlds.ALL[name]().inp_text) as project:
                next(project.moments())
                warnings = project.warnings
        except epanet.EpanetRefused:
            refused = True

        assert refused or warnings
