"""The search index fits the folding that made it, and everything is found while it is made anew."""

import hashlib
import os
import re
import signal
import sys
import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from builders import NOW
from stores.making import make_taken

from monitor.model import TextFrom
from monitor.stores import open_store
from monitor.stores.sqlite import indexing, words
from monitor.text.query_line import parse_query

TEXTS = ("二次関税の警告", "NATOの首脳会議", "ｾﾞﾚﾝｽｷｰ氏が会見", "二次関税と停戦", "きょうの天気")
#: Japanese, Latin, readings, counters, dashes: what folding has an opinion about, and every character there is.
SAMPLE = "ウォロディミル・ゼレンスキー(46)氏、ﾄﾗﾝﾌﾟ　ＮＡＴＯ 髙市早苗(たかいち・さなえ)、3ヶ月 ヴァイオリン F-35 サーバー\u200b\u00ad\r\n二\n行"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "monitor.db"
    store = open_store(str(path))
    store.polls.save_articles([make_taken(f"a{n}", title=f"記事{n}", text=text) for n, text in enumerate(TEXTS)])
    store.close()
    return path


@pytest.fixture
def folded_otherwise(path, monkeypatch):
    """From now on text is folded in another way: the index is of no use to it."""
    monkeypatch.setattr(words, "index_words", index_otherwise)
    monkeypatch.setattr(indexing, "index_words", index_otherwise)
    monkeypatch.setattr(indexing, "FOLDING", "2/other")
    monkeypatch.setattr(
        "monitor.stores.sqlite.searching.query_of",
        lambda query: re.sub('"([^" ])', r'"x\1', words.query_of(query)),
    )
    store = open_store(str(path))
    yield store
    store.close()


def index_otherwise(title, text, *, made_by=words.index_words):
    return " ".join(f"x{word}" for word in made_by(title, text).split(" "))


def found(store, line):
    return [one.article.id for one in store.archive.search(parse_query(line), limit=10)]


def check_search(store):
    assert found(store, "二次関税") == ["a3", "a0"]
    assert found(store, "NATO") == ["a1"]
    assert found(store, "ゼレンスキー") == ["a2"]
    assert found(store, "記事") == ["a4", "a3", "a2", "a1", "a0"]
    assert found(store, "南極") == []


def indexed(store):
    return [
        row[0] for row in store._connection.rows("select rowid from article_words where article_words match 'x記事'")
    ]


def test_a_new_database_has_nothing_to_make_anew(path):
    store = open_store(str(path))
    assert store.upkeep.reindex(batch=10) == 0
    assert store._connection.rows("select folding, first from search_index")[0][:] == (words.FOLDING, 0)
    store.close()


def test_everything_is_found_at_every_step(folded_otherwise):
    store = folded_otherwise
    check_search(store)
    left = []
    while not left or left[-1]:
        left.append(store.upkeep.reindex(batch=2))
        check_search(store)
    assert left == [5, 3, 1, 0]
    assert indexed(store) == [1, 2, 3, 4, 5]
    assert store.upkeep.reindex(batch=2) == 0


def test_it_goes_on_where_it_was_cut_off(folded_otherwise, path):
    folded_otherwise.upkeep.reindex(batch=2)
    folded_otherwise.upkeep.reindex(batch=2)
    again = open_store(str(path))
    assert indexed(again) == [4, 5]
    assert again.upkeep.reindex(batch=100) == 0
    check_search(again)
    again.close()


@pytest.mark.parametrize("steps", range(4))
def test_what_comes_changes_and_goes_meanwhile(folded_otherwise, steps):
    store = folded_otherwise
    for _ in range(steps):
        store.upkeep.reindex(batch=2)
    store.polls.save_articles([make_taken("new", title="記事", text="二次関税の続報")])
    assert found(store, "二次関税") == ["new", "a3", "a0"]
    for name in ("a0", "a4"):
        article = replace(make_taken(name).article, title="記事", text="砂糖の値段", text_from=TextFrom.PAGE)
        store.revisits.rejudge(article, [], rules=set(), now=NOW)
    store._connection.run("update articles set fetched_at = 0 where id in ('a1', 'a3')")
    store.upkeep.prune(articles_before=NOW - timedelta(days=9), bodies_before=NOW - timedelta(days=9), batch=10)
    for _ in range(5):
        assert found(store, "二次関税") == ["new"] + ["a0"] * (not is_rejudged(store))
        assert found(store, "NATO") == []
        store.upkeep.reindex(batch=2)
    store._connection.run("insert into article_words (article_words) values ('integrity-check')")
    assert indexed(store) == [row[0] for row in store._connection.rows("select number from articles")]


def is_rejudged(store):
    [(text,)] = store._connection.rows("select text from articles where id = 'a0'")
    return "砂糖" in text


def test_a_command_of_another_version_reads_what_it_cannot_look_up(folded_otherwise, path, monkeypatch):
    while folded_otherwise.upkeep.reindex(batch=100):
        pass
    monkeypatch.setattr(indexing, "FOLDING", "1/before")
    check_search(folded_otherwise)


def make_anew(path, *, dies_at=None):
    """In a child that is killed when the statement with this number begins, if it comes to that."""
    store, begun = open_store(str(path)), count(1)

    def on_statement(_):
        if next(begun) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    store._connection.raw.set_trace_callback(on_statement)
    while store.upkeep.reindex(batch=2):
        pass
    store.close()


@pytest.mark.slow
def test_killed_at_every_statement(path):
    for statement in count(1):
        store = open_store(str(path))
        store._connection.run("update search_index set folding = 'other'")
        store.close()
        child = os.fork()
        if not child:
            try:
                make_anew(path, dies_at=statement)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        store = open_store(str(path), check=True)
        check_search(store)
        while store.upkeep.reindex(batch=2):
            check_search(store)
        store._connection.run("insert into article_words (article_words) values ('integrity-check')")
        check_search(store)
        store.close()
        if not os.WIFSIGNALED(status):
            break
    assert statement > 15


def fingerprint():
    """What becomes of every character there is, and of what folding has an opinion about."""
    made = hashlib.sha256()
    for first in range(0, sys.maxunicode, 4096):
        text = "".join(chr(code) for code in range(first, first + 4096) if not 0xD800 <= code < 0xE000)
        made.update(words.searchable(SAMPLE, text).encode("utf-8", "replace"))
        made.update("|".join(sorted(words.index_words(text, SAMPLE).split())).encode("utf-8", "replace"))
    made.update("|".join(sorted(words.index_words(SAMPLE, SAMPLE).split())).encode())
    return made.hexdigest()[:16]


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the fingerprint is that of Python 3.11")
def test_another_folding_has_another_name():
    """Whoever changes what words are made of a text must give FOLDING a new number: databases hold words of the old one."""
    assert (words.FOLDING, fingerprint()) == ("2/14.0.0", "e58fb03bcfaf5965")
