"""A tree -> the text that a reader sees."""

import pytest

from monitor.stages.extract_tree import tree_of
from monitor.stages.plain import plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one\ntwo</p>three\nfour", "one two\n\nthree four"),
        ("<pre>one\ntwo</pre>three\nfour", "one\ntwo\n\nthree four"),
        ("<pre><b>one\ntwo</b>\nthree</pre>four\nfive", "one\ntwo\nthree\n\nfour five"),
        ("<p>a <code>one\ntwo</code> b\nc</p>", "a one\ntwo b c"),
        ("one<textarea>x\ny</textarea> two\nthree", "one two three"),
    ],
)
def test_line_breaks_of_the_source_are_spaces_but_in_preformatted_text(markup, text):
    assert plain(tree_of(markup)) == text
