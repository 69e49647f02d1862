"""Formulas: what they reckon, what they refuse and where they point."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.series import expression

NAN = np.nan
S = 1_000_000


def value(text: str, **columns: list[float]) -> list[float]:
    return expression.compile(text).evaluate(columns).tolist()


class TestEvaluate:
    # Worked by hand.
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a + b * 2", [9.0, 12.0]),
            ("-(a - b) ** 2", [-9.0, -9.0]),
            ("abs(a - b)", [3.0, 3.0]),
            ("min(a, b, 1.5)", [1.0, 1.5]),
            ("max(a, b)", [4.0, 5.0]),
            ("where(a > 1, a, b)", [4.0, 2.0]),
            ("a < b < 5", [1.0, 0.0]),
            ("a > 1 or b > 4", [0.0, 1.0]),
            ("not a > 1", [1.0, 0.0]),
            ("sqrt(b)", [2.0, 5.0**0.5]),
            ("7", [7.0, 7.0]),
            ("a / (a - 1)", [NAN, 2.0]),
        ],
    )
    def test_reckons_row_by_row(self, text: str, expected: list[float]) -> None:
        found = value(text, a=[1.0, 2.0], b=[4.0, 5.0])

        np.testing.assert_allclose(found if len(found) == 2 else found * 2, expected)

    def test_takes_names_with_any_sign_in_braces(self) -> None:
        made = expression.compile("{甲泵-1.flow} - {a.b}\n + {a.b}")

        assert made.names == {"甲泵-1.flow", "a.b"}
        assert made.evaluate({"甲泵-1.flow": [5.0], "a.b": [2.0]}).tolist() == [5.0]

    def test_does_not_know_what_its_inputs_do_not_know(self) -> None:
        found = value("a > 1", a=[NAN, 2.0]) + value("a + 1", a=[NAN, 2.0])

        np.testing.assert_array_equal(found, [NAN, 1.0, NAN, 3.0])

    def test_lets_a_known_part_decide_alone(self) -> None:
        found = value("a > 1 or b > 1", a=[NAN, NAN], b=[2.0, 0.0])

        np.testing.assert_array_equal(found, [1.0, NAN])

    def test_looks_back_over_a_window(self) -> None:
        # Worked by hand: rows 10 s apart, a window of 10 s holds the row and the one before.
        at_us = np.array([0, 10, 20, 30], np.int64) * S
        a = [1.0, 3.0, NAN, 9.0]

        def back(text: str) -> list[float]:
            return expression.compile(text).evaluate({"a": a}, at_us).tolist()

        np.testing.assert_array_equal(back("mean(a, 10)"), [1.0, 2.0, 3.0, 9.0])
        np.testing.assert_array_equal(back("delta(a, 20)"), [0.0, 2.0, NAN, 6.0])
        np.testing.assert_allclose(back("rate(a, 20)"), [NAN, 720.0, NAN, 1080.0])
        assert expression.compile("mean(a, 10) - delta(a, 60)").window_s == 60

    def test_one_division_by_zero_spoils_its_window_only(self) -> None:
        at_us = np.arange(4) * 60 * S
        found = expression.compile("mean(a / b, 60)").evaluate(
            {"a": [1.0, 1.0, 1.0, 3.0], "b": [1.0, 0.0, 1.0, 1.0]}, at_us
        )

        assert found.tolist() == [1.0, 1.0, 1.0, 2.0]

    def test_needs_moments_to_look_back(self) -> None:
        with pytest.raises(ValueError, match="moments"):
            expression.compile("mean(a, 10)").evaluate({"a": [1.0]})


class TestCompile:
    @pytest.mark.parametrize(
        ("text", "code", "position"),
        [
            ("  ", "empty", 0),
            ("a +", "syntax", 3),
            ("{a.b} + * 2", "syntax", 8),
            ("a + {b", "brackets", 4),
            ("{} + 1", "brackets", 0),
            ("a.b", "not_allowed", 0),
            ("{水压.1} + a[0]", "not_allowed", 9),
            ("__import__('os')", "unknown_function", 0),
            ("(lambda: 1)()", "not_allowed", 0),
            ("a + 'x'", "not_allowed", 4),
            ("[a for a in b]", "not_allowed", 0),
            ("1 + foo(a)", "unknown_function", 4),
            ("abs(a, b)", "arguments", 0),
            ("max(*a)", "not_allowed", 0),
            ("min(a)", "arguments", 0),
            ("mean(a, b)", "window", 8),
            ("mean(a, -1)", "window", 8),
            ("mean(a, 9e9)", "window", 8),
            ("a ** 99999", "power", 5),
            ("a ** b", "power", 5),
            ("a if b else c", "not_allowed", 0),
            ("a % 2", "not_allowed", 0),
            ("x" * 2000, "too_long", 1000),
            ("-" * 100 + "a", "too_deep", 25),
            ("+".join(["a"] * 150), "too_deep", 0),
        ],
    )
    def test_refuses_and_points_at_the_place(self, text: str, code: str, position: int) -> None:
        with pytest.raises(expression.ExpressionFault) as caught:
            expression.compile(text)

        assert (caught.value.code, caught.value.position) == (code, position)

    def test_never_fails_in_another_way(self) -> None:
        generator = np.random.default_rng(1)
        signs = list("ab1.+-*/(){}[]<>=!&|,:'\"\\\n\t\x00甲 not and lambda if mean(")
        for _ in range(3000):
            text = "".join(generator.choice(signs, size=generator.integers(1, 30)))
            made = _compiled(text)
            if made is not None:
                columns = {name: [1.0] for name in made.names}
                assert len(made.evaluate(columns, np.zeros(1, np.int64))) == 1


def _compiled(text: str) -> expression.Expression | None:
    """Return the formula, or None where it is refused in the one way there is."""
    try:
        return expression.compile(text)
    except expression.ExpressionFault as fault:
        if not 0 <= fault.position <= len(text):
            raise
        return None


class TestWhatSomebodyTriesOn:
    # A number that no float holds, and our own inner names in letters of another width.
    @pytest.mark.parametrize(
        "text",
        [
            "9" * 400,
            "a + " + "9" * 400,
            "a ** " + "9" * 400,
            "mean(a, " + "9" * 400 + ")",
            "_\uff50oint_7_",
            "{a} + _\uff50oint_7_",
        ],
    )
    def test_is_refused_when_it_is_written_and_never_breaks_later(self, text: str) -> None:
        with pytest.raises(expression.ExpressionFault) as refused:
            expression.compile(text)

        assert refused.value.code == "not_allowed"
