"""The house rules H1 to H4, H7, H8, H10 and H13, applied to our own tree.

Each check is a small function in `checks/` that returns complaints in plain words; `test_checks.py`
shows that it sees what it should.
"""

from __future__ import annotations

import pytest

from tests.house.checks import commits, documents, leftovers, order, pages, sizes, tree, words

CODE = (".py", ".ts", ".html")
WRITTEN = (*CODE, ".css", ".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".json", ".po")
# These quote what others wrote, or what we refuse.
NOT_OUR_WORDS = {"uv.lock", "requirements.lock", "package-lock.json"}


def gathered(complaints: list[str]) -> str:
    return "\n" + "\n".join(complaints)


class TestAreas:
    def test_hold_foreign_keys_that_point_down(self):
        from django.apps import apps

        kernel = {
            config.label
            for config in apps.get_app_configs()
            if config.name.startswith("huoshui.kernel")
        }
        found = order.wrong_links(order.links_of_models(), order.areas_from_lowest(), kernel)

        assert not found, gathered(found)

    def test_leave_each_others_tables_alone(self):
        found = [
            complaint
            for path, text in tree.texts(".py", under=tree.SOURCE)
            if not tree.is_test(path)
            for complaint in order.back_doors(path, text, tree.areas())
        ]

        assert not found, gathered(found)

    def test_pull_in_no_foreign_templates(self):
        found = [
            complaint
            for path, text in tree.texts(".html", under=tree.SOURCE)
            for complaint in pages.foreign_templates(path, text, tree.areas())
        ]

        assert not found, gathered(found)

    def test_have_islands_that_stay_at_home(self):
        found = [
            complaint
            for path, text in tree.texts(".ts", under=tree.SOURCE / "areas")
            for complaint in pages.foreign_imports(path, text)
        ]

        assert not found, gathered(found)

    @pytest.mark.parametrize("area", tree.areas())
    def test_introduce_themselves(self, area):
        found = leftovers.missing_readme(tree.SOURCE / "areas" / area)

        assert not found, gathered(found)


class TestKernel:
    def test_knows_no_water_words(self):
        found = [
            complaint
            for path, text in tree.texts(*CODE, under=tree.SOURCE / "kernel")
            if not tree.is_test(path)
            for complaint in pages.water_words(path, text)
        ]

        assert not found, gathered(found)


class TestEveryFile:
    def test_is_short_enough_to_read(self):
        found = [
            complaint
            for path, text in tree.texts(*CODE)
            if "migrations" not in path.parts
            for complaint in sizes.long_file(path, text)
        ]

        assert not found, gathered(found)

    def test_has_functions_short_enough_to_read(self):
        found = [
            complaint
            for path, text in tree.texts(".py")
            if "migrations" not in path.parts
            for complaint in sizes.long_functions(path, text)
        ]

        assert not found, gathered(found)

    def test_carries_no_marker(self):
        found = [
            complaint
            for path, text in tree.texts(*WRITTEN)
            if path.name not in NOT_OUR_WORDS
            for complaint in leftovers.markers(path, text)
        ]

        assert not found, gathered(found)

    def test_names_no_path_of_one_machine(self):
        found = [
            complaint
            for path, text in tree.texts(*WRITTEN)
            if path.name not in NOT_OUR_WORDS and path.name != "test_checks.py"
            for complaint in leftovers.machine_paths(path, text)
        ]

        assert not found, gathered(found)

    def test_prints_nothing_by_accident(self):
        found = [
            complaint
            for path, text in tree.texts(".py", ".ts", under=tree.ROOT / "src")
            for complaint in leftovers.stray_prints(path, text)
        ]

        assert not found, gathered(found)

    def test_is_below_a_megabyte(self):
        found = leftovers.large_files(tree.files())

        assert not found, gathered(found)


class TestModules:
    def test_are_all_used(self):
        sources = {}
        for path, text in tree.texts(".py", under=tree.SOURCE):
            if not tree.is_test(path):
                parts = path.relative_to(tree.ROOT / "src").with_suffix("").parts
                sources[".".join(parts).removesuffix(".__init__")] = text
        elsewhere = [text for _, text in tree.texts(".toml", under=tree.ROOT)]
        elsewhere += [text for _, text in tree.texts(".py", under=tree.ROOT / "tools")]
        # A connector's manifest names the module that the product calls.
        elsewhere += [text for _, text in tree.texts(".json", under=tree.SOURCE / "connectors")]
        found = leftovers.unused_modules(sources, "\n".join(elsewhere))

        assert not found, gathered(found)


class TestWords:
    def test_wait_for_their_reader(self):
        found = [
            complaint
            for path, text in tree.texts(".py", under=tree.SOURCE)
            if not tree.is_test(path)
            for complaint in words.said_too_early(path, text)
        ]

        assert not found, gathered(found)


class TestDocuments:
    def test_have_one_title_each(self):
        found = [c for path, text in tree.texts(".md") for c in documents.titles(path, text)]

        assert not found, gathered(found)

    def test_have_no_broken_links(self):
        found = [c for path, text in tree.texts(".md") for c in documents.broken_links(path, text)]

        assert not found, gathered(found)


class TestCommits:
    def test_say_what_they_do(self):
        found = [
            c
            for subject in commits.subjects_on_the_branch()
            for c in commits.wrong_subject(subject)
        ]

        assert not found, gathered(found)
