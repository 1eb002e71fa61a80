"""The articles carry the cases that they are there for."""

import re
import unicodedata
from collections import Counter
from datetime import UTC, timedelta

import pytest

from monitor.demo import content
from monitor.demo.documents import documents


@pytest.fixture
def articles(now):
    return [article for listed in content.articles(now).values() for article in listed]


def test_dates_are_relative_to_the_moment(now):
    def ages(moment):
        return [moment - article.at for listed in content.articles(moment).values() for article in listed]

    assert ages(now) == ages(now + timedelta(days=400, hours=5))
    assert min(ages(now)) > timedelta()
    assert timedelta(hours=24) < max(ages(now)) < timedelta(hours=30)


def test_dates_stand_in_the_zone_of_the_outlet(articles):
    assert {article.at.utcoffset() for article in articles if article.outlet.language == "ja"} == {timedelta(hours=9)}
    assert {article.at.tzinfo for article in articles if article.outlet.language == "en"} == {UTC}


def test_one_title_is_carried_by_two_outlets(articles):
    folded = Counter(unicodedata.normalize("NFKC", article.title) for article in articles)
    assert {title: times for title, times in folded.items() if times > 1} == {"NATO、黒海の機雷除去に新部隊": 2}


def test_ids_are_unique_within_an_outlet(articles):
    assert len({article.path for article in articles}) == len(articles) == 44


@pytest.mark.parametrize(
    "pattern",
    [
        "ＮＡＴＯ",
        "日本とNATOが",
        "ｾﾞﾚﾝｽｷｰ",
        "ウォロディミル゠ゼレンスキー",
        "第二次関税",
        "SENATOR",
        "東京都",
        "(?<!東)京都",
        "<ruby>停<rp>",
        "首脳会\n談",
        "EU27カ国",
        "南スーダン",
        "[①㈱～髙㌦№]",
        "研究 & 試作",
    ],
)
def test_the_traps_are_there(articles, pattern):
    assert any(re.search(pattern, article.title + article.summary + article.body) for article in articles)


def test_the_story_of_the_tariffs_is_told_by_three_outlets(articles, now):
    recent = [article for article in articles if now - article.at < timedelta(hours=3)]
    telling = [article.outlet.id for article in recent if re.search("(?<!第)二次関税|secondary tariffs", article.title)]
    assert telling == ["toto", "mizuho", "harbor"]


def test_every_page_says_that_it_is_invented(articles, now):
    footer = {"ja": "架空のものです", "en": "are invented"}
    served = documents("http://127.0.0.1", now)
    for article in articles:
        if article.page != "empty":
            assert footer[article.outlet.language] in served[article.path].body.decode(article.outlet.codec)


#: Names of publishers and agencies that exist: nothing here may pretend to be theirs.
REAL = (
    "NHK|共同通信|時事|朝日|毎日新聞|読売|産経|日経|日本経済新聞|東京新聞|中日|北海道新聞|テレビ朝日|TBS|フジテレビ|ロイター|ブルームバーグ|"
    "エポックタイムズ|Reuters|Bloomberg|BBC|CNN|Guardian|New York Times|Associated Press|AFP|Getty|Fox News|フォックスニュース"
)


def test_no_publisher_that_exists_is_named_or_quoted(articles):
    for article in articles:
        assert not re.search(REAL, article.title + article.summary + article.body + article.author), article.id
    assert not re.search(REAL, " ".join(outlet.name for outlet in content.outlets().values()))
