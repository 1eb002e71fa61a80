"""An article that was told before its body could be had."""

from datetime import timedelta

from builders import NOW, make_article

from monitor.model import TextFrom
from monitor.stages.revisit import with_body

TOLD = make_article(text="", text_from=TextFrom.TITLE, missing="fetch.timeout", authors=(), language=None)
READ = make_article(
    title="題が変わった",
    text="本文",
    authors=("山田太郎",),
    published_at=NOW,
    updated_at=NOW,
    fetched_at=NOW + timedelta(hours=2),
    language="ja",
    url="http://127.0.0.1/moved",
    story="another",
)


def test_the_body_comes_and_what_was_told_stays():
    kept = with_body(TOLD, READ)
    assert (kept.text, kept.text_from, kept.missing) == ("本文", TextFrom.PAGE, None)
    assert (kept.title, kept.published_at) == (TOLD.title, TOLD.published_at)
    assert (kept.id, kept.url, kept.story, kept.fetched_at) == (TOLD.id, TOLD.url, TOLD.story, TOLD.fetched_at)


def test_what_was_empty_is_filled_in():
    kept = with_body(make_article(title="", published_at=None, updated_at=None, authors=(), language=None), READ)
    assert (kept.title, kept.published_at, kept.updated_at) == ("題が変わった", NOW, NOW)
    assert (kept.authors, kept.language) == (("山田太郎",), "ja")
