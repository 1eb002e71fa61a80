"""Dates that a page shows, and those of other articles beside it."""

import pytest

from monitor.stages.extract_guessed import seen_dates
from monitor.stages.extract_tree import tree_of

OWN, OTHER = "<p class=date>2025年8月16日 10:30</p>", "<p class=date>2024年1月1日</p>"


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"<aside>{OTHER}</aside>",
        f"<footer><div>{OTHER}</div></footer>",
        f"<nav>{OTHER}</nav>",
        f"<div class=related-news><div>{OTHER}</div></div>",
        f"<ul id=ranking><li>{OTHER}</li></ul>",
    ],
)
def test_dates_of_other_articles_are_passed_over(elsewhere):
    tree = tree_of(f"<body class=sidebar-left><div>{OWN}</div>{elsewhere}</body>")
    assert seen_dates(tree, []).published == ("2025年8月16日 10:30",)
    assert len(seen_dates(tree_of(f"<body>{OWN}<div>{OTHER}</div></body>"), []).published) == 2
