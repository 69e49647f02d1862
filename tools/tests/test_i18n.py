"""The translation tool: what it finds, what it keeps, what it complains about."""

from __future__ import annotations

import gettext

import pytest

from tools import i18n

PYTHON = '''
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
TITLE = _("Jobs")
def rows(n):
    """Not _("a call")."""
    return ngettext("%(n)s row", "%(n)s rows", n), pgettext("noun", "Work")
'''
TEMPLATE = """
  {% load i18n %}
    <h1>{% translate "Night flow" %}</h1>
 {% blocktranslate count n=n trimmed %}
    {{ n }} leak
 {% plural %} {{ n }} leaks {% endblocktranslate %}
 <p title="{% translate 'Quoted' %}">
"""
TYPESCRIPT = """
/** Use it as t("Never said"). */
// t("Nor this")
const a = t("Zoom in"), b = tn("{n} sensor", "{n} sensors", n);
const c = t(
  "A long sentence " +
    'in two "parts".',
);
const d = object.t("Not ours");
"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    root = tmp_path / "src/huoshui/areas/mill"
    (root / "templates").mkdir(parents=True)
    (root / "islands").mkdir()
    (root / "__init__.py").touch()
    (root / "apps.py").write_text(PYTHON)
    (root / "templates/mill.html").write_text(TEMPLATE)
    (root / "islands/wheel.ts").write_text(TYPESCRIPT)
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    monkeypatch.setattr(i18n, "SOURCE", tmp_path / "src/huoshui")
    return root


def said(app) -> set[str]:
    return {m.id if isinstance(m.id, str) else m.id[0] for m in i18n.said_by("mill", app) if m.id}


class TestExtract:
    def test_finds_what_code_templates_and_islands_say(self, app):
        assert said(app) == {
            "Jobs",
            "%(n)s row",
            "Work",
            "Night flow",
            "%(n)s leak",
            "Quoted",
            "Zoom in",
            "{n} sensor",
            'A long sentence in two "parts".',
        }

    def test_keeps_translations_and_drops_what_is_no_longer_said(self, app):
        assert i18n.extract("mill", app) == 9
        catalog = app / i18n.CATALOG
        text = catalog.read_text().replace('msgid "Jobs"\nmsgstr ""', 'msgid "Jobs"\nmsgstr "工单"')
        catalog.write_text(text)
        (app / "islands/wheel.ts").unlink()

        assert i18n.extract("mill", app) == 5
        assert 'msgstr "工单"' in catalog.read_text()
        assert "Zoom in" not in catalog.read_text()

    def test_writes_the_same_file_twice(self, app):
        i18n.extract("mill", app)
        first = (app / i18n.CATALOG).read_text()
        i18n.extract("mill", app)
        assert (app / i18n.CATALOG).read_text() == first


class TestCheck:
    def test_names_every_sentence_without_chinese(self, app):
        i18n.extract("mill", app)
        with pytest.raises(i18n.Problem, match="no Chinese for 'Night flow'"):
            i18n.check([("mill", app)])

    def test_names_what_the_catalog_has_never_heard_of(self, app):
        with pytest.raises(i18n.Problem, match="not in the catalog: 'Jobs'"):
            i18n.check([("mill", app)])

    def test_refuses_a_translation_that_asks_for_other_values(self, app):
        i18n.extract("mill", app)
        catalog = app / i18n.CATALOG
        text = catalog.read_text()
        catalog.write_text(
            text.replace('msgid "Jobs"\nmsgstr ""', 'msgid "Jobs"\nmsgstr "%(who)s"')
        )
        with pytest.raises(i18n.Problem, match="asks for values"):
            i18n.check([("mill", app)])


def test_compiles_what_gettext_reads(app):
    i18n.extract("mill", app)
    catalog = app / i18n.CATALOG
    catalog.write_text(
        catalog.read_text().replace('msgid "Jobs"\nmsgstr ""', 'msgid "Jobs"\nmsgstr "工单"')
    )

    assert i18n.compile_catalog(app)
    assert not i18n.compile_catalog(app)
    with catalog.with_suffix(".mo").open("rb") as handle:
        assert gettext.GNUTranslations(handle).gettext("Jobs") == "工单"
