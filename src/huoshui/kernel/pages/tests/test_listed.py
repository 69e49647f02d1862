"""Words in a row, with the comma of the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from huoshui.kernel.pages import formats


class TestListed:
    @pytest.mark.parametrize(("language", "row"), [("en", "a, b, 3"), ("zh-hans", "a、b、3")])
    def test_has_the_comma_of_the_language(self, language, row):
        with translation.override(language):
            assert formats.listed(["a", gettext_lazy("b"), 3]) == row

    def test_of_nothing_is_empty(self):
        assert formats.listed(iter(())) == ""
