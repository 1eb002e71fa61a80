"""Search results show where the words stand."""

from builders import make_article

from monitor.stages.found import show_found
from monitor.text.query_line import parse_query


def marked(snippet):
    return [snippet.text[start:end] for start, end in snippet.highlights]


def test_marks_words_as_printed_in_headline_and_text():
    article = make_article(title="ＮＡＴＯ首脳会議", text="首脳会議でNatoの拡大を議論した。" * 3)
    title, body = show_found(article, parse_query("nato 拡大"))
    assert marked(title) == ["ＮＡＴＯ"]
    assert marked(body)[:2] == ["Nato", "拡大"]


def test_a_word_in_the_headline_alone_leaves_the_text_out():
    title, body = show_found(make_article(title="円安", text="株価は上げた。"), parse_query("円安 -米国"))
    assert marked(title) == ["円安"]
    assert body is None
