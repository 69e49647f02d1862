"""Every sentence of every app has its Chinese, with the same places for values."""

from __future__ import annotations

import pytest

from tools import i18n


@pytest.mark.parametrize("app", sorted(i18n.apps()))
def test_every_sentence_has_its_chinese(app):
    i18n.check([(app, i18n.apps()[app])])
