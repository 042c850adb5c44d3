import pytest

from bench.figures import Budget, budget_table, percentile, placed, ratios, significant, table


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 50) == 50
    assert percentile(values, 99) == 99
    assert percentile(values, 100) == 100


def test_a_percentile_does_not_depend_on_the_order() -> None:
    assert percentile([3, 1, 2], 50) == 2
    assert percentile([7], 99) == 7


def test_of_few_values_the_99th_percentile_is_the_largest() -> None:
    assert percentile(range(10), 99) == 9


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_each_round_is_compared_with_itself() -> None:
    # The machine was three times as slow in the second round, for both.
    assert ratios([1.0, 3.0, 1.0], [2.0, 6.0, 2.0]) == 0.5


def test_figures_have_the_digits_that_mean_something() -> None:
    assert [significant(value) for value in (0.234, 12.34, 123.4, 12345.6)] == [
        "0.23",
        "12.3",
        "123",
        "12,346",
    ]


def test_the_columns_of_a_table_line_up() -> None:
    assert table(("page", "ms"), [("home", "12.3"), ("a review", "4")]).splitlines() == [
        "| page     |   ms |",
        "| -------- | ---: |",
        "| home     | 12.3 |",
        "| a review |    4 |",
    ]


def test_a_budget_is_kept_up_to_its_bound() -> None:
    assert Budget("time", 10.0, 10).kept
    assert not Budget("time", 10.1, 10).kept
    assert Budget("edits", 0.6, 0.6, least=True).kept
    assert not Budget("edits", 0.59, 0.6, least=True).kept
    assert Budget("memory", None, 1).kept is None


def test_the_budgets_say_what_was_missed() -> None:
    shown = budget_table([Budget("first visit", 21.0, 20, " KB"), Budget("memory", None, 1)])
    assert "| first visit | ≤ 20 KB |  21.0 KB |       missed |" in shown
    assert "| memory      |    ≤ 1× |        – | not measured |" in shown


DOCUMENT = """# Performance
<!-- pages: written by bin/bench -->
old
<!-- pages: end -->
Words.
<!-- edits: written by bin/bench -->
<!-- edits: end -->
"""


def test_figures_are_written_into_their_own_section_only() -> None:
    once = placed(DOCUMENT, "pages", "new")
    assert "old" not in once
    assert "-->\n\nnew\n\n<!-- pages: end -->\nWords.\n<!-- edits" in once
    assert placed(once, "pages", "new") == once


def test_a_document_without_the_section_is_not_touched() -> None:
    with pytest.raises(ValueError, match="letters"):
        placed(DOCUMENT, "letters", "new")
