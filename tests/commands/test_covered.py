"""`monitor covered`: the way of one article, from the archive or from outside."""

import json

import pytest


@pytest.fixture
def lived_in(newsroom):
    """A newsroom after its first round."""
    newsroom.articles("tariffs", "weather")
    newsroom.run("run", "--once")
    return newsroom


def asked(newsroom, path):
    code, out, _ = newsroom.run("covered", "--json", f"{newsroom.site.url}{path}")
    assert code == 0
    return json.loads(out)


def verdicts(found):
    return {rule["rule"]: rule["verdict"] for rule in found["rules"]}


def test_what_is_stored_is_found_in_spite_of_tracking(lived_in):
    found = asked(lived_in, "/a/tariffs?utm_source=x#top")
    assert (found["covered"], found["verdict"]) == (True, "caught")
    assert found["canonical_url"] == f"{lived_in.site.url}/a/tariffs"
    assert (found["stored"]["title"], found["stored"]["text_from"], found["stored"]["source"]) == (
        "tariffs",
        "page",
        "s0",
    )
    assert [one["source"] for one in found["carriers"]] == ["s0"]
    assert verdicts(found) == {"二次関税": "match", "nato": "no match"}
    assert found["rules"][0]["terms"] == ["二次関税"]
    assert [one["telling"] for one in found["rules"][0]["tellings"]] == ["waiting"]
    assert (found["sources"], found["page"]) == ([], None)


def test_what_became_of_it_is_told_to_people(lived_in):
    url = f"{lived_in.site.url}/a/tariffs"
    code, out, _ = lived_in.run("covered", url)
    assert code == 0
    assert "に取得済み: tariffs" in out
    assert "二次関税: 一致(二次関税)" in out
    assert "配信待ち" in out
    assert "monitor why" in out
    lived_in.run("run", "--once", "--deliver-now")
    assert "通知済み" in lived_in.run("covered", url)[1]


def test_a_rule_that_is_younger_than_the_article_told_nothing(lived_in):
    lived_in.rule("second.yaml", "- 晴れ*\n")
    found = asked(lived_in, "/a/weather")
    assert (found["covered"], found["verdict"]) == (False, "late")
    assert [rule["tellings"] for rule in found["rules"] if rule["told"]] == [[]]
    assert "今のルールなら一致" in lived_in.run("covered", f"{lived_in.site.url}/a/weather")[1]


def test_what_no_rule_matches_was_not_caught(lived_in):
    found = asked(lived_in, "/a/weather")
    assert (found["covered"], found["verdict"]) == (False, "unmatched")
    assert any("replay" in advice for advice in found["next"])


def test_what_a_source_lists_by_now_is_coming(lived_in):
    lived_in.articles("newer", "weather")
    found = asked(lived_in, "/a/newer")
    assert (found["covered"], found["verdict"], found["stored"]) == (True, "coming", None)
    (source,) = found["sources"]
    assert (source["source"], source["lists_it"], source["entries"]) == ("s0", True, 2)
    assert found["page"]["title"] == "newer"
    out = lived_in.run("covered", f"{lived_in.site.url}/a/newer")[1]
    assert "現在この記事を一覧に載せています" in out
    assert "はい。情報源に載っており、1 件のルールに一致します" in out


def test_what_no_source_lists_is_judged_by_its_page(lived_in):
    lived_in.articles("tariffs", "weather", "hidden")
    lived_in.articles("tariffs", "weather")
    found = asked(lived_in, "/a/hidden")
    assert (found["covered"], found["verdict"], found["sources"][0]["lists_it"]) == (False, "unlisted", False)
    assert found["page"]["title"] == "hidden"
    assert found["error"] is None


def test_a_site_that_fails_is_told(lived_in):
    lived_in.site.pages.clear()
    found = asked(lived_in, "/a/unheard")
    assert (found["covered"], found["verdict"]) == (False, "unknown")
    assert found["error"]
    assert found["sources"][0]["error"]
    assert "取得できませんでした" in lived_in.run("covered", f"{lived_in.site.url}/a/unheard")[1]


def test_before_the_first_run_the_world_is_asked(newsroom):
    found = asked(newsroom, "/a/weather")
    assert (found["stored"], found["verdict"], found["sources"][0]["lists_it"]) == (None, "unlisted", False)
    newsroom.articles("tariffs")
    assert asked(newsroom, "/a/tariffs")["verdict"] == "coming"
    assert "まだありません" in newsroom.run("covered", f"{newsroom.site.url}/a/tariffs")[1]


def test_a_site_of_no_source_can_be_added(newsroom):
    newsroom.sources = ["http://feeds.example.test/x.xml"]
    newsroom.site.pages["/a/page"] = newsroom.site.pages["/feed.xml"]
    found = asked(newsroom, "/a/page")
    assert (found["covered"], found["verdict"]) == (False, "no-source")
    assert any("sources add" in advice for advice in found["next"])


def test_what_is_no_address_is_refused(newsroom):
    code, _, err = newsroom.run("covered", "example.jp/a")
    assert (code, "https://" in err) == (2, True)
