"""Every page of the demo site that can be read gives its article: whole, in its paragraphs, and nothing before it."""

from datetime import timedelta

import pytest
from builders import NOW, make_entry, make_page, make_source

from monitor.demo import content
from monitor.demo.documents import documents
from monitor.model import TextFrom
from monitor.stages.extract import extract_article
from monitor.stages.extract_tree import tree_of
from monitor.stages.plain import plain

SITE = "http://127.0.0.1"
DOCUMENTS = documents(SITE, NOW)
ARTICLES = [one for listed in content.articles(NOW).values() for one in listed if one.page in ("normal", "slow")]
AROUND = [
    "会社案内",
    "お申し込み",
    "関連記事",
    "新着ニュース",
    "よく読まれている",
    "あわせて読みたい",
    "番組表",
    "架空のもの",
    "スポーツ",
    "市場\n企業",
    "Read next",
    "More from",
    "Investigations",
    "Tides",
    "invented:",
    "Support us",
]


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.path)
def test_text_of_a_demo_article(article):
    document = DOCUMENTS[article.path]
    page = make_page(document.body, url=SITE + article.path, content_type=document.content_type)
    entry = make_entry(
        url=page.url, title=article.title, published_at=article.at, authors=(article.author,) if article.author else ()
    )
    found = extract_article(make_source(name=article.outlet.name), entry, page)
    wanted = "\n\n".join(plain(tree_of(f"<p>{paragraph}</p>")) for paragraph in article.paragraphs)
    assert found.text_from == TextFrom.PAGE
    assert found.text.startswith(wanted)
    # What may follow is the time and the byline at the foot of some of them.
    assert len(found.text) - len(wanted) < 40
    assert not [word for word in AROUND if word in found.text]
    assert (found.title, found.published_at) == (" ".join(article.title.split()), article.at)


def test_there_are_many_of_them():
    assert len(ARTICLES) >= 40
    assert timedelta() < NOW - min(one.at for one in ARTICLES) < timedelta(days=3)
