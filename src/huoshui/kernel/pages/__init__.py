"""The frame around every page, the menu, and the kit that makes pages by declaration.

Areas import the modules: ``from huoshui.kernel.pages import kit, menu``.
"""
