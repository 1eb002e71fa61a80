"""Digests to Slack messages: within every limit, whole stories, hostile words inert."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from digests import HOSTILE, HOSTILE_URLS, TOKYO, full_digest, make_digest, make_digest_entry, make_section
from slack_limits import faults, refusal

from monitor.model import Digest, DigestSection, Outlet, Snippet, TextFrom
from monitor.sinks.slack import marks
from monitor.sinks.slack.packing import LARGEST, Size
from monitor.sinks.slack.render import marked_as_repeat, render

GOLDEN = Path(__file__).parent / "golden"
#: Everything that Slack would act on in mrkdwn: ours are dates, links and the mentions of rules.
OURS = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|]+>|<https?://[^<>|\s]+\|[^<>|]+>")


def messages(digest: Digest, language: str = "ja") -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in render(digest, language=language, zone=TOKYO)]


def parts(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every element of rich text."""
    for block in message["blocks"]:
        if block["type"] == "rich_text":
            for element in block["elements"]:
                rows = element["elements"] if element["type"] == "rich_text_list" else [element]
                for row in rows:
                    yield from row["elements"]


def assert_within_limits(message: dict[str, Any]) -> None:
    assert [fault for block in message["blocks"] for fault in faults(block)] == []
    assert refusal(message) is None
    assert 0 < len(message["blocks"]) <= LARGEST.blocks
    assert 0 < len(message["text"]) <= LARGEST.line
    assert len(json.dumps(message["blocks"], ensure_ascii=False).encode()) <= LARGEST.json
    assert (message["unfurl_links"], message["unfurl_media"], message["parse"]) == (False, False, "none")


def titles(message: dict[str, Any]) -> list[str]:
    return [part["url"] for part in parts(message) if part["type"] == "link" and part.get("style") == {"bold": True}]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_everything_a_digest_can_show(language):
    found = messages(full_digest(), language)
    for message in found:
        assert_within_limits(message)
    assert found == json.loads((GOLDEN / f"slack.{language}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (20, None),
        (21, "@desk20"),
        (30, "@desk20、@desk21、@desk22、@desk23、@desk24、@desk25、@desk26、@desk27 ほか2件"),
    ],
)
def test_who_is_mentioned_no_more_is_named(count, said):
    mentions = tuple(f"@desk{number}" for number in range(count))
    [message] = messages(replace(make_digest(make_section(make_digest_entry())), mentions=mentions))
    assert_within_limits(message)
    said = said and f"一通でメンションできるのは20件までです。通知していない宛先: {said}"
    assert [line for line in message["text"].splitlines() if line.startswith("一通で")] == ([said] if said else [])
    assert " ".join(mentions[:20]) in message["text"].splitlines()
    shown = [part["text"] for block in message["blocks"] if block["type"] == "context" for part in block["elements"]]
    assert (said in shown) is (said is not None)


@pytest.mark.parametrize("period", ["breaking/crisis/1", "now/crisis/1", "digest/crisis/1"])
def test_of_one_story_a_locked_phone_shows_the_headline(period):
    digest = make_digest(make_section(make_digest_entry()), period=period, mentions=("@here", "S0PRDUTY01"))
    [message] = messages(digest)
    first, *rest = message["text"].splitlines()
    # What is seen of a link is its words.
    assert re.sub(r"<[^|>]*\|([^>]*)>", r"\1", first).startswith(digest.sections[0].entries[0].title.text)
    assert rest[1] == "<!here> <!subteam^S0PRDUTY01>"
    assert message["blocks"][0]["text"]["text"] == rest[0]
    assert rest[-1].startswith("■ ")
    assert_within_limits(message)


def test_of_several_stories_and_of_one_that_is_only_listed_the_heading_comes_first():
    several = make_digest(make_section(make_digest_entry(1), make_digest_entry(2)))
    listed = make_digest(DigestSection(rule_id="r", rule_name="停戦", entries=(), more=(make_digest_entry(1),)))
    for digest in (several, listed):
        first = messages(digest)[0]
        assert first["text"].splitlines()[0] == first["blocks"][0]["text"]["text"]


# --- hostile words ----------------------------------------------------------------------------------------------------


def hostile_digest(words: str, url: str = "https://news.example/1") -> Digest:
    spans = ((0, len(words)),) if words else ()
    entry = make_digest_entry(
        title=Snippet(text=words, highlights=spans),
        url=url,
        outlet=words,
        snippet=Snippet(text=words, highlights=spans),
        also_rules=((words, Snippet(text=f"x{words}", highlights=((0, 1),))), ("other", None)),
        also_outlets=tuple(Outlet(name=words, url=url) for _ in range(30)),
        body_missing=True,
        text_from=TextFrom.TITLE,
    )
    return make_digest(make_section(entry, entry, name=words), channel=words, mentions=(words,))


@pytest.mark.fault(30)
@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("language", ["ja", "en"])
def test_hostile_words_stay_words(words, language):
    for message in messages(hostile_digest(words), language):
        assert_within_limits(message)
        foreign = OURS.sub("", message["text"])
        assert "<" not in foreign
        assert ">" not in foreign
        assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", foreign, re.DOTALL)
        assert not re.search(r"[*_~`](?!⁠)", foreign.replace("…", ""))
        kinds = {part["type"] for part in parts(message)}
        assert kinds <= {"text", "link", "date"}
        assert not re.search(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]",
            json.dumps(message, ensure_ascii=False),
        )


@pytest.mark.fault(30)
@pytest.mark.parametrize("url", HOSTILE_URLS, ids=range(len(HOSTILE_URLS)))
def test_hostile_addresses_are_no_links(url):
    (message,) = messages(hostile_digest("title", url))
    assert_within_limits(message)
    assert not [part for part in parts(message) if part["type"] == "link"]
    assert "title" in message["text"]
    assert OURS.findall(message["text"]) == [
        found for found in OURS.findall(message["text"]) if found.startswith("<!date")
    ]


def test_an_address_of_another_script_is_kept():
    url = "https://news.example/記事/1?a=1&b=2"
    (message,) = messages(make_digest(make_section(make_digest_entry(url=url))))
    assert titles(message) == [url]
    assert f"<{url.replace('&', '&amp;')}|" in message["text"]


def test_a_headline_that_is_only_invisible_says_so():
    (message,) = messages(make_digest(make_section(make_digest_entry(title=Snippet(text="\u202e\u200b")))))
    assert "(見出しなし)" in message["text"]


# --- what is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mention", "mark", "element"),
    [
        ("@here", "<!here>", {"type": "broadcast", "range": "here"}),
        ("@channel", "<!channel>", {"type": "broadcast", "range": "channel"}),
        ("U012AB3CD", "<@U012AB3CD>", {"type": "user", "user_id": "U012AB3CD"}),
        ("@W012AB3CD", "<@W012AB3CD>", {"type": "user", "user_id": "W012AB3CD"}),
        ("S012AB3CD", "<!subteam^S012AB3CD>", {"type": "usergroup", "usergroup_id": "S012AB3CD"}),
        ("@pr-duty", "@pr-duty", {"type": "text", "text": "@pr-duty"}),
        ("<!everyone>", "&lt;!everyone&gt;", {"type": "text", "text": "<!everyone>"}),
    ],
)
def test_mentions(mention, mark, element):
    assert marks.mention_mark(mention) == mark
    assert marks.mention_element(mention).to_dict() == element


def test_mentions_stand_in_the_first_message_alone():
    digest = make_digest(make_section(*(make_digest_entry(number) for number in range(1, 40))), mentions=("@here",))
    first, *rest = messages(digest)
    assert "<!here>" in first["text"]
    assert rest
    assert not any("<!here>" in message["text"] for message in rest)


def test_matched_words_are_bold_in_the_snippet():
    (message,) = messages(make_digest())
    quotes = [
        element
        for block in message["blocks"]
        for element in block.get("elements", [])
        if element["type"] == "rich_text_quote"
    ]
    assert quotes[0]["elements"] == [
        {"type": "text", "text": "大統領は、ロシア産石油の購入国に"},
        {"type": "text", "text": "二次関税", "style": {"bold": True}},
        {"type": "text", "text": "を課す可能性があると述べた。"},
    ]


def test_a_long_snippet_keeps_its_matched_word():
    long = Snippet(text="前" * 2000 + "二次関税" + "後" * 2000, highlights=((2000, 2004),))
    (message,) = messages(make_digest(make_section(make_digest_entry(snippet=long))))
    assert {"type": "text", "text": "二次関税", "style": {"bold": True}} in list(parts(message))


def test_an_alert_is_called_otherwise_than_a_digest():
    (message,) = messages(make_digest(period="now/crisis/17"), "en")
    assert message["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": "crisis alert, Mon 23 Nov 08:30 · 1 story",
        "emoji": False,
    }


# --- splitting --------------------------------------------------------------------------------------------------------


def assert_split_well(digest: Digest) -> list[dict[str, Any]]:
    """Several messages, each within limits, every story once, in order and whole."""
    found = messages(digest)
    assert len(found) > 1
    for message in found:
        assert_within_limits(message)
    shown = [url for message in found for url in titles(message)]
    assert shown == [entry.url for section in digest.sections for entry in section.entries]
    for message in found:
        for url in titles(message):
            assert url.replace("&", "&amp;") in message["text"]
    return found


def test_split_by_characters_of_text():
    entries = [
        make_digest_entry(number, snippet=None, url=f"https://news.example/{number}/" + "u" * 900)
        for number in range(1, 12)
    ]
    assert_split_well(make_digest(make_section(*entries)))


def test_split_by_size_of_all_blocks():
    entries = [
        make_digest_entry(number, snippet=Snippet(text="関税" * 200, highlights=((0, 2),))) for number in range(1, 30)
    ]
    found = assert_split_well(make_digest(make_section(*entries)))
    assert max(len(message["text"]) for message in found) < LARGEST.line - 1000


def test_split_by_number_of_blocks(monkeypatch):
    sections = [
        make_section(
            make_digest_entry(number, title=Snippet(text="a"), outlet="b", url=f"https://a.jp/{number}", snippet=None),
            name=str(number),
        )
        for number in range(40)
    ]
    monkeypatch.setattr("monitor.sinks.slack.render.LARGEST", Size(blocks=50, line=30_000, json=120_000, words=120_000))
    found = messages(make_digest(*sections))
    assert [len(message["blocks"]) <= LARGEST.blocks for message in found] == [True] * len(found)
    assert len(found[0]["blocks"]) > LARGEST.blocks - 6
    assert sum(len(titles(message)) for message in found) == 40


def test_the_parts_say_where_they_belong():
    entries = [make_digest_entry(number) for number in range(1, 41)]
    found = messages(make_digest(make_section(*entries)))
    left = 40 - len(titles(found[0]))
    assert f"残り{left}件はスレッドに続きます" in found[0]["text"]
    assert f"{len(found)}通のうち2通目" in found[1]["text"]
    assert "■ 二次関税(続き)" in found[1]["text"]
    payloads = render(make_digest(make_section(*entries)), language="ja", zone=TOKYO, threaded=False)
    assert f"残り{left}件は次のメッセージに続きます" in payloads[0]


def test_the_parent_names_the_rules_that_follow():
    sections = [
        make_section(*(make_digest_entry(20 * rule + number) for number in range(1, 21)), name=f"規則{rule}")
        for rule in range(12)
    ]
    first, *_ = messages(make_digest(*sections))
    told = len(titles(first))
    assert f"残り{240 - told}件はスレッドに続きます\n規則0 {20 - told}件、規則1 20件、" in first["text"]
    assert first["text"].endswith("規則7 20件 ほか4ルール")
    assert first["blocks"][-1]["elements"][0]["text"].endswith("規則7 20件 ほか4ルール")


def test_twelve_stories_of_a_morning_are_one_message():
    words = "米政府は、ロシア産原油の購入国に対する二次関税を再検討している。月内に結論を出す見通し。" * 2
    entries = [
        make_digest_entry(number, url=f"https://www.news.example/news/articles/20261123/k1001{number:09}.html")
        for number in range(12)
    ]
    entries = [replace(entry, snippet=Snippet(text=words, highlights=((19, 23),))) for entry in entries]
    sections = [make_section(*entries[at : at + 3], name=f"規則{at}") for at in range(0, 12, 3)]
    (message,) = messages(make_digest(*sections))
    assert_within_limits(message)


@pytest.mark.parametrize("at", [datetime(1950, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)])
def test_a_time_that_slack_would_refuse_is_words(at):
    (message,) = messages(make_digest(make_section(make_digest_entry(at=at))))
    assert_within_limits(message)
    assert not [part for part in parts(message) if part["type"] == "date"]
    assert f"{at.year}年1月1日 9:00" in message["text"]


def test_people_meant_twice_are_mentioned_once():
    (message,) = messages(make_digest(mentions=("U012AB3CD", "@here", "@U012AB3CD")))
    assert "<@U012AB3CD> <!here>" in message["text"].splitlines()


def test_a_heading_never_stands_alone_at_the_end():
    sections = [
        make_section(make_digest_entry(number), make_digest_entry(number + 1), name=f"r{number}")
        for number in range(1, 40, 2)
    ]
    for message in assert_split_well(make_digest(*sections)):
        last = message["blocks"][-1]
        if last["type"] == "context":
            last = message["blocks"][-2]
        assert any(part["type"] == "link" for element in last["elements"] for part in element["elements"])


def test_a_story_too_large_for_a_message_is_shown_with_less():
    url = "https://news.example/" + "u" * 1200
    entry = make_digest_entry(
        url=url,
        snippet=Snippet(text="あいう" * 400, highlights=tuple((at, at + 1) for at in range(0, 900, 3))),
        also_outlets=tuple(Outlet(name=f"o{number}", url=f"{url}{number}") for number in range(30)),
    )
    (message,) = messages(make_digest(make_section(entry)))
    assert_within_limits(message)
    assert titles(message) == [url]


def test_the_largest_head_and_mark_leave_room():
    digest = make_digest(
        make_section(
            *(make_digest_entry(number, title=Snippet(text="&" * 900)) for number in range(1, 9)), name="*" * 500
        ),
        channel="*" * 500,
        mentions=tuple(f"@{'&' * 100}{number}" for number in range(60)),
        hello=(10**6, 10**6, full_digest().composed_at),
        late_for_at=full_digest().composed_at,
    )
    for message in messages(digest):
        assert_within_limits(message)
        marked = marked_as_repeat(message, "0123456789abcdef" * 4, "en")
        assert_within_limits(marked)
        assert marked["text"].startswith("Possibly a repeat")


@pytest.mark.corpus
def test_the_table_of_limits_agrees_with_the_shared_cases(corpus):
    for case in json.loads((corpus / "slack" / "payload_cases.json").read_text(encoding="utf-8")):
        assert (refusal(case["payload"]) is None) == case["valid"], case["name"]


# --- what a throttle leaves no room for -------------------------------------------------------------------------------


def flood(entries: int, more: int, name: str = "二次関税") -> Digest:
    shown = tuple(make_digest_entry(number) for number in range(1, entries + 1))
    listed = tuple(make_digest_entry(number) for number in range(entries + 1, entries + more + 1))
    return make_digest(DigestSection(rule_id=name, rule_name=name, entries=shown, more=listed))


def linked(message: dict[str, Any]) -> list[str]:
    return [part["url"] for part in parts(message) if part["type"] == "link"]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("more", [1, 37, 200])
def test_what_has_no_room_is_listed_in_the_thread(language, more):
    parent, *thread = messages(flood(3, more), language)
    for message in [parent, *thread]:
        assert_within_limits(message)
    assert len(titles(parent)) == 3
    assert [url for message in thread for url in linked(message)] == [
        f"https://news.example/a/{number}?x=1&y=2" for number in range(4, more + 4)
    ]
    assert [title for message in thread for title in titles(message)] == []
    assert {"ja": f"ほか{more}件(スレッドに一覧)", "en": f"and {more} more, listed"}[language] in parent["text"]
    # Each list says whose it is.
    assert all("■ 二次関税" in message["text"] for message in thread)
    # It is said once that there is more.
    assert re.search("残り|stor(y|ies) more in the thread", parent["text"]) is None
    assert {"ja": f"{more + 3}件", "en": f"{more + 3} stories"}[language] in parent["text"].splitlines()[0]


def test_a_rule_that_has_had_its_share_is_only_listed():
    parent, reply = messages(flood(0, 2))
    assert linked(parent) == []
    assert "上限に達したため、スレッドに" in parent["text"]
    assert len(linked(reply)) == 2


def test_a_webhook_lists_in_the_messages_that_follow():
    payloads = render(flood(1, 2), language="ja", zone=TOKYO, threaded=False)
    parent, following = map(json.loads, payloads)
    assert "ほか2件(次のメッセージに一覧)" in parent["text"]
    assert len(linked(following)) == 2


def test_lists_stand_behind_everything_that_is_told_in_full():
    digest = flood(40, 3)
    digest = replace(digest, sections=(*digest.sections, *flood(40, 3, "停戦").sections))
    found = messages(digest)
    told = [bool(titles(message)) for message in found]
    assert told == sorted(told, reverse=True)
    assert sum(len(titles(message)) for message in found) == 80
    assert [len(linked(message)) for message in found if not titles(message)] == [6]
    left = 80 - len(titles(found[0]))
    assert f"残り{left}件" in found[0]["text"]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("url", [HOSTILE_URLS[0], "https://news.example/1"])
def test_hostile_words_stay_words_in_a_list(words, url):
    entry = make_digest_entry(title=Snippet(text=words), url=url, outlet=words, body_missing=True)
    digest = make_digest(DigestSection(rule_id="r", rule_name=words, entries=(), more=(entry, entry)))
    for message in messages(digest):
        assert_within_limits(message)
        foreign = OURS.sub("", message["text"])
        assert "<" not in foreign
        assert ">" not in foreign
