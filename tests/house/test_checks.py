"""The house checks are themselves checked, on a good and a bad sample each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.checks import commits, documents, leftovers, order, pages, sizes, tree, words

AREAS = ["network", "telemetry", "leakage"]
LEAKAGE = tree.SOURCE / "areas/leakage"
SAMPLE = Path("sample.py")


class TestWrongLinks:
    @pytest.mark.parametrize(
        ("owner", "target", "related_name", "complaint"),
        [
            ("leakage", "network", "+", None),
            ("leakage", "leakage", None, None),
            ("leakage", "accounts", None, None),
            ("network", "leakage", "+", "points up"),
            ("leakage", "network", "leaks", "related_name"),
            ("accounts", "network", "+", "from the kernel"),
        ],
    )
    def test_point_down_and_leave_no_name_behind(self, owner, target, related_name, complaint):
        link = order.Link(owner, "Thing", "field", target, related_name)

        found = order.wrong_links([link], AREAS, kernel={"accounts"})

        assert (complaint in found[0]) if complaint else not found


class TestBackDoors:
    @pytest.mark.parametrize(
        "line",
        [
            'apps.get_model("network", "Asset")',
            'cursor.execute("SELECT code FROM network_asset")',
            'cursor.execute("SELECT 1 FROM leakage_nightflow JOIN network_zone ON 1")',
        ],
    )
    def test_are_refused(self, line):
        assert order.back_doors(LEAKAGE / "actions.py", line, AREAS)

    @pytest.mark.parametrize(
        "line",
        [
            'cursor.execute("SELECT size FROM leakage_nightflow")',
            '"update network_asset when you move it"',
            "user = get_user_model()",
        ],
    )
    def test_are_not_seen_where_there_are_none(self, line):
        assert not order.back_doors(LEAKAGE / "actions.py", line, AREAS)

    def test_are_allowed_to_migrations(self):
        path = LEAKAGE / "migrations/0002_fill.py"

        assert not order.back_doors(path, 'apps.get_model("leakage", "NightFlow")', AREAS)


class TestForeignTemplates:
    @pytest.mark.parametrize(
        ("line", "refused"),
        [
            ('{% extends "pages/frame.html" %}', False),
            ('{% include "leakage/row.html" with a=1 %}', False),
            ('{% include "network/row.html" %}', True),
            ('{%extends "telemetry/base.html"%}', True),
        ],
    )
    def test_are_refused(self, line, refused):
        path = LEAKAGE / "templates/leakage/page.html"

        assert bool(pages.foreign_templates(path, line, AREAS)) is refused


class TestForeignImports:
    @pytest.mark.parametrize(
        ("line", "refused"),
        [
            ('import { t } from "@ui/i18n"', False),
            ('import { scale } from "./scale"', False),
            ('import maplibregl from "maplibre-gl"', False),
            ('import { chart } from "../../telemetry/islands/trend-chart"', True),
            ('const m = await import("../web/x")', True),
        ],
    )
    def test_are_refused(self, line, refused):
        assert bool(pages.foreign_imports(LEAKAGE / "islands/a.ts", line)) is refused


class TestWaterWords:
    @pytest.mark.parametrize(
        "line",
        ["class Pipe:", "open_valves = 3", "MeterReading", "leakage_engineer", "# no sewers"],
    )
    def test_are_refused_in_the_kernel(self, line):
        assert pages.water_words(SAMPLE, line)

    @pytest.mark.parametrize(
        "line",
        ["parameters", "pipeline", "stdout=subprocess.PIPE", "workflow", "typewriter", "perimeter"],
    )
    def test_are_whole_words(self, line):
        assert not pages.water_words(SAMPLE, line)


class TestSizes:
    def test_a_file_has_a_limit(self):
        assert not sizes.long_file(SAMPLE, "x\n" * 400)
        assert sizes.long_file(SAMPLE, "x\n" * 401)

    def test_a_file_of_the_laboratory_has_twice_the_limit(self):
        assert not sizes.long_file(tree.SOURCE / "lab/series/gaps.py", "x\n" * 800)
        assert sizes.long_file(tree.SOURCE / "lab/series/gaps.py", "x\n" * 801)

    def test_a_long_function_explains_itself(self):
        body = "    a = 1\n" * 60

        assert sizes.long_functions(SAMPLE, f"def long():\n{body}")
        assert not sizes.long_functions(SAMPLE, f'def long():\n    """Why."""\n{body}')
        assert not sizes.long_functions(SAMPLE, "def short():\n    a = 1\n")

    def test_has_no_exceptions(self):
        assert not sizes.EXCEPTIONS


class TestLeftovers:
    @pytest.mark.parametrize("marker", ["TO" + "DO", "FIX" + "ME", "X" + "XX"])
    def test_markers_are_refused(self, marker):
        assert leftovers.markers(SAMPLE, f"a = 1\n# {marker}: later")

    def test_words_that_contain_a_marker_pass(self):
        assert not leftovers.markers(SAMPLE, "MASTODON, prefix_metadata, to do")

    @pytest.mark.parametrize(
        ("name", "line"),
        [
            ("a.py", "print(1)"),
            ("a.py", "breakpoint()"),
            ("a.ts", "console.log(x)"),
            ("a.ts", "debugger"),
        ],
    )
    def test_stray_output_is_refused(self, name, line):
        assert leftovers.stray_prints(Path(name), line)

    @pytest.mark.parametrize(
        ("name", "line"), [("a.py", "self.stdout.print(1)"), ("a.ts", "console.error(problem)")]
    )
    def test_meant_output_passes(self, name, line):
        assert not leftovers.stray_prints(Path(name), line)

    @pytest.mark.parametrize(
        "path", ["/ro" + "ot/x", "/wo" + "rk/main", "/ho" + "me/ada/x", "/t" + "mp/a"]
    )
    def test_machine_paths_are_refused(self, path):
        assert leftovers.machine_paths(SAMPLE, f'open("{path}")')

    @pytest.mark.parametrize(
        "path", ["/network/work/", "areas/home/x", "a/root/b", "https://x/work/"]
    )
    def test_addresses_are_no_machine_paths(self, path):
        assert not leftovers.machine_paths(SAMPLE, f'open("{path}")')

    def test_large_files_are_refused(self, tmp_path):
        small, large = tmp_path / "small", tmp_path / "large"
        small.write_bytes(b"a" * 1_000_000)
        large.write_bytes(b"a" * 1_000_001)

        assert len(leftovers.large_files([small, large])) == 1

    def test_an_area_introduces_itself(self, tmp_path):
        assert leftovers.missing_readme(tmp_path)
        (tmp_path / "README.md").write_text("# Area\n\n" + "word " * 40, encoding="utf-8")
        assert not leftovers.missing_readme(tmp_path)


class TestUnusedModules:
    def test_are_found(self):
        sources = {
            "huoshui.kernel.a": "from huoshui.kernel import b",
            "huoshui.kernel.b": "B = 1",
            "huoshui.kernel.lonely": "import huoshui.kernel.lonely",
            "huoshui.kernel.folder": '"""A folder that says what it is for."""',
        }

        found = leftovers.unused_modules(sources, "from huoshui.kernel import a")

        assert found == ["huoshui.kernel.lonely is imported by nobody"]

    def test_are_used_when_a_string_names_them(self):
        sources = {
            "huoshui.kernel.a": 'X = "huoshui.kernel.b.Middleware"',
            "huoshui.kernel.b": "B = 1",
        }

        assert not leftovers.unused_modules(sources, '"huoshui.kernel.a"')

    def test_are_not_those_that_django_finds_by_name(self):
        sources = {
            "huoshui.areas.x.models": "A = 1",
            "huoshui.areas.x.migrations.0001_initial": "A = 1",
            "huoshui.kernel.pages.templatetags.huoshui": "A = 1",
        }

        assert not leftovers.unused_modules(sources)


class TestDocuments:
    @pytest.mark.parametrize(
        ("text", "right"),
        [
            ("# One\n\n## Two\n", True),
            ("# One\n\n```\n# a comment\n```\n", True),
            ("## Two\n", False),
            ("# One\n\n# Another\n", False),
            ("Words first.\n\n# One\n", False),
        ],
    )
    def test_have_one_title(self, text, right):
        assert (not documents.titles(Path("a.md"), text)) is right

    @pytest.mark.parametrize(
        ("link", "right"),
        [
            ("other.md", True),
            ("other.md#how-far-to-trust-it", True),
            ("#here", True),
            ("https://example.org/nowhere", True),
            ("missing.md", False),
            ("other.md#missing", False),
            ("#missing", False),
        ],
    )
    def test_have_links_that_lead_somewhere(self, tmp_path, link, right):
        (tmp_path / "other.md").write_text("# Other\n\n## How far to trust it\n", encoding="utf-8")
        page = tmp_path / "page.md"
        text = f"# Page\n\n## Here\n\nSee [it]({link}).\n"
        page.write_text(text, encoding="utf-8")

        assert (not documents.broken_links(page, text)) is right

    def test_have_anchors_in_chinese_too(self):
        assert documents.anchors("# 活水\n\n## 两条命令\n") == {"活水", "两条命令"}


class TestWordsSaidTooEarly:
    HEAD = "from django.utils.translation import gettext as _, pgettext, gettext_lazy\n"

    @pytest.mark.parametrize(
        "line",
        [
            'TITLE = _("Crews")',
            'class Page:\n    columns = (column("at", pgettext("stock", "From")),)',
            'def ask(words=_("Why?")): ...',
        ],
    )
    def test_are_refused(self, line):
        assert words.said_too_early(LEAKAGE / "words.py", self.HEAD + line)

    @pytest.mark.parametrize(
        "line",
        [
            'TITLE = gettext_lazy("Crews")',
            'def title():\n    return _("Crews")',
            'SHOWN = {"crew": lambda: _("Crew")}',
        ],
    )
    def test_are_not_seen_where_they_wait_for_a_reader(self, line):
        assert not words.said_too_early(LEAKAGE / "words.py", self.HEAD + line)


class TestCommitSubjects:
    @pytest.mark.parametrize(
        "subject",
        [
            "isolation: Refuse plans that cut off a critical customer.",
            "network, telemetry: Name points after their assets.",
        ],
    )
    def test_may_be(self, subject):
        assert not commits.wrong_subject(subject)

    @pytest.mark.parametrize(
        "subject",
        [
            "Refuse plans that cut off a critical customer.",
            "isolation: refuse plans.",
            "isolation: Refuse plans",
            "isolation: Refuse " + "very " * 12 + "long plans.",
            "house: Fix lint.",
        ],
    )
    def test_may_not_be(self, subject):
        assert commits.wrong_subject(subject)
