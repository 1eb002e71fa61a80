"""What people type to search."""

import pytest

from monitor.text.query import split_query


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("二次関税 NATO", ["二次関税", "NATO"]),
        ("二次関税　ＮＡＴＯ", ["二次関税", "ＮＡＴＯ"]),
        ('"secondary tariff" 石油', ["secondary tariff", "石油"]),
        ("“首脳 会談”", ["首脳 会談"]),
        ('"open', ["open"]),
        ('"" \t', []),
    ],
)
def test_words_and_phrases(line, words):
    assert split_query(line) == words
