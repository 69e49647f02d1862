"""Pages by declaration: lists, details and forms that look and behave alike.

``from huoshui.kernel.pages import kit``, then declare a class and mount it with its ``path``.
"""

from huoshui.kernel.pages.kit.bulk import BulkAction
from huoshui.kernel.pages.kit.buttons import action_button, copyable, link_button
from huoshui.kernel.pages.kit.columns import Column, badge
from huoshui.kernel.pages.kit.details import DetailPage, Fact, Section, facts_card
from huoshui.kernel.pages.kit.filters import ChoiceFilter, Filter, PeriodFilter, TextFilter
from huoshui.kernel.pages.kit.forms import FormPage, MomentField, PhotosField
from huoshui.kernel.pages.kit.lists import ListPage
from huoshui.kernel.pages.kit.natural import natural_key
from huoshui.kernel.pages.kit.sending import once
from huoshui.kernel.pages.kit.undoing import undo

__all__ = [
    "BulkAction",
    "ChoiceFilter",
    "Column",
    "DetailPage",
    "Fact",
    "Filter",
    "FormPage",
    "ListPage",
    "MomentField",
    "PeriodFilter",
    "PhotosField",
    "Section",
    "TextFilter",
    "action_button",
    "badge",
    "copyable",
    "facts_card",
    "link_button",
    "natural_key",
    "once",
    "undo",
]
