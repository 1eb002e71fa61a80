"""What was found out about an address -> lines and JSON."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source

from monitor.errors import FetchError
from monitor.model import DeliveryState, Fate, SourceState, Telling, TextFrom
from monitor.ports import Carrier
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules
from monitor.rules.matcher import compile_rules
from monitor.rules.trace import explain
from monitor.stages.covered import Candidate, Inquiry, Reader, to_json, to_lines

URL = "http://127.0.0.1/a/1"
DAY = timedelta(days=1)
RULES = "- 二次関税\n- {name: 警告, any: [トランプ], none: [ロシア]}\n- NATO\n"
FATE = Fate(
    rule_id="二次関税",
    rule_name="二次関税",
    channel="#news",
    destination="#news",
    when="digest",
    telling=Telling.WAITING,
)


def explained(article=None, rules=RULES):
    text = RuleFile(name="a.yaml", text=rules, report=Report("a.yaml"))
    matcher = compile_rules(read_rules([text], folder=".", channels=()).rules)
    return tuple(explain(matcher, article or make_article(), make_source()))


def reader(language="en"):
    return Reader(
        language=language,
        moment=lambda at: f"{at:%m-%d %H:%M}",
        name=lambda id_: {"asahi-wire": "朝の通信"}.get(id_, id_),
        fate=lambda fate: f"{fate.channel} {fate.telling}",
    )


def lines(language="en", **changes) -> list[str]:
    inquiry = Inquiry(**{"url": URL, "has_archive": True} | changes)
    json.dumps(to_json(inquiry, reader(language)))
    return [f"{sign} {text}" for sign, text in to_lines(inquiry, reader(language))]


def candidate(**changes) -> Candidate:
    values = {"last_poll_at": NOW - DAY, "next_poll_at": NOW}
    state = SourceState(source_id="asahi-wire", **values | changes.pop("state", {}))
    return Candidate(**{"source": make_source(), "state": state} | changes)


def test_a_stored_article_tells_its_whole_way():
    carriers = (
        Carrier(source_id="asahi-wire", first_listed_at=NOW - DAY, left_at=None),
        Carrier(source_id="wire", first_listed_at=NOW - DAY, left_at=NOW),
    )
    found = lines(stored=make_article(), carriers=carriers, fates=(FATE,), explanations=explained())
    assert found == [
        "+ in the archive since 11-22 23:30: トランプ氏、ロシアに二次関税を警告 [0123456789abcdef]",
        "+ listed by 朝の通信 since 11-21 23:30",
        "+ listed by wire from 11-21 23:30 to 11-22 23:30",
        "+ judged by the text of its page",
        "+ 二次関税: match (二次関税)",
        "  二次関税 → #news waiting",
        found[6],
        "  1 other rule does not match",
        "+ Yes: it was found, and 1 rule matches, but nothing is told yet (waiting 1).",
        "→ every condition: monitor why 0123456789abcdef",
    ]
    assert found[6].startswith("- 警告: no match; ")
    assert "ロシア" in found[6]


def test_rules_without_a_fate_did_not_match_then():
    found = lines(stored=make_article(), explanations=explained())
    assert any("did not when the article was judged" in line for line in found)
    assert "- Not then: it was found, but matched no rule when it came; 1 rule matches it now." in found
    assert found[-1] == "→ what else the rule would have found: monitor replay --rule 二次関税"


@pytest.mark.parametrize(
    ("article", "line"),
    [
        ({"text": ""}, "? its text is not kept any more"),
        ({"text_from": TextFrom.ENTRY}, "+ judged by the headline and the text of the feed"),
        ({"text_from": TextFrom.TITLE, "missing": "fetch.closed"}, "? judged by the headline alone"),
    ],
)
def test_what_text_was_judged_is_said(article, line):
    assert any(found.startswith(line) for found in lines(stored=make_article(**article), explanations=explained()))


def test_a_stored_article_that_no_rule_matches():
    found = lines(stored=make_article(), explanations=explained(rules="- NATO\n"))
    assert "- no rule matches, of 1" in found
    assert "- No: it was found, but no rule matches." in found
    assert found[-1] == "→ change or write a rule, then try it on the archive: monitor replay"


def test_an_address_of_no_source():
    found = lines(has_archive=False, fetched=make_article(), explanations=explained())
    assert found[:4] == [
        f"- not in the archive: {URL}",
        "- there is no archive yet; `monitor run` makes it",
        "- no configured source is of this site (127.0.0.1)",
        "+ the page now: トランプ氏、ロシアに二次関税を警告",
    ]
    assert found[-3:] == [
        "- No: no source brings it.",
        f"→ every condition: monitor why {URL}",
        "→ add a feed of this site: monitor sources add ADDRESS-OF-THE-FEED",
    ]


def test_what_was_forgotten_is_said_to_have_been_there():
    carriers = (Carrier(source_id="asahi-wire", first_listed_at=NOW - 500 * DAY, left_at=None),)
    assert any("was forgotten" in line for line in lines(carriers=carriers))


HEALTH = [
    ({}, "+ 朝の通信 is a source of this site: last polled 11-21 23:30"),
    ({"last_poll_at": None}, "? 朝の通信 is a source of this site: never polled so far"),
    ({"last_error": "broken"}, "- 朝の通信 is a source of this site: failing, last polled 11-21 23:30: broken"),
    (
        {"last_error": "410", "gone": True},
        "- 朝の通信 is a source of this site: gone for good, not polled any more: 410",
    ),
]


@pytest.mark.parametrize(("state", "line"), HEALTH)
def test_the_health_of_its_source_is_told(state, line):
    found = lines(candidates=(candidate(state=state, lists_it=False),))
    assert line in found
    assert ("→ the source fails: monitor sources" in found) is bool(state.get("last_error"))


def test_a_source_that_lists_it_will_bring_it():
    found = lines(candidates=(candidate(lists_it=True),), fetched=make_article(), explanations=explained())
    assert "+ 朝の通信 lists it now" in found
    assert "+ Yes: a source lists it, and 1 rule matches; the next poll takes it." in found
    assert found[-1].startswith("→ poll now")
    found = lines(
        candidates=(candidate(lists_it=True),), fetched=make_article(), explanations=explained(rules="- NATO\n")
    )
    assert "- No: a source lists it, but no rule matches." in found


def test_a_source_that_does_not_list_it():
    found = lines(candidates=(candidate(lists_it=False, entries=7, oldest_at=NOW - DAY),), more_candidates=2)
    assert "- 朝の通信 does not list it now (it lists 7 articles, the oldest of 11-21 23:30)" in found
    assert "  2 more sources of this site were not looked at" in found
    assert found[-1].startswith("→ the site may have another feed")


def test_where_nothing_can_be_read_nothing_is_claimed():
    error = FetchError("fetch.timeout", url=URL, seconds=30)
    found = lines("ja", candidates=(candidate(error=error), candidate(source=make_source(name="夕"))), error=error)
    assert [line for line in found if "確認できませんでした" in line]
    assert found[-1] == "? 判断できません。情報源も記事ページも取得できませんでした。"


def test_json_says_all_of_it():
    inquiry = Inquiry(
        url=f"{URL}?utm_source=x", has_archive=True, stored=make_article(published_at=None), fates=(FATE,),
        carriers=(Carrier(source_id="asahi-wire", first_listed_at=NOW, left_at=None),), explanations=explained(),
        candidates=(candidate(lists_it=None, error=FetchError("fetch.timeout", url=URL, seconds=30)),),
    )  # fmt: skip
    found = to_json(inquiry, reader())
    assert (found["canonical_url"], found["covered"], found["verdict"]) == (URL, True, "caught")
    assert (found["stored"]["id"], found["stored"]["published_at"]) == ("0123456789abcdef", None)
    assert found["carriers"] == [{"source": "asahi-wire", "first_listed_at": NOW.isoformat(), "left_at": None}]
    first, second, _ = found["rules"]
    assert (first["rule"], first["verdict"], first["told"], first["terms"]) == ("二次関税", "match", True, ["二次関税"])
    assert [one["channel"] for one in first["tellings"]] == ["#news"]
    assert (second["terms"], len(second["near_misses"]), second["tellings"]) == ([], 1, [])
    assert found["sources"][0]["lists_it"] is None
    assert found["sources"][0]["error"]
    assert found["next"] == ["every condition: monitor why 0123456789abcdef"]


def fates(*tellings, delivery=None):
    rules = ("二次関税", "トランプ", "ロシア")
    return tuple(
        replace(FATE, rule_id=rule, telling=telling, delivery=delivery)
        for rule, telling in zip(rules, tellings, strict=False)
    )


THREE = "- 二次関税\n- トランプ\n- ロシア\n"


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (
            fates(Telling.MUTED, Telling.GATHERING),
            "はい。取得済みで、3 件のルールに一致します。ただし、まだ通知していません(ミュート中 1、しきい値待ち 1)。",
        ),
        (
            fates(Telling.INITIAL, Telling.INITIAL, Telling.SKIPPED),
            "はい。取得済みで、3 件のルールに一致します。ただし、通知していません(初回巡回より前の記事 2、本文なしで見送り 1)。",
        ),
        (
            (*fates(Telling.PROMISED, delivery=DeliveryState.SENT), *fates(Telling.MUTED)),
            "はい。取得済みで、3 件のルールに一致します。",
        ),
    ],
)
def test_what_was_found_but_not_told_is_not_called_told(told, answer):
    found = lines("ja", stored=make_article(), fates=told, explanations=explained(rules=THREE))
    assert f"+ {answer}" in found


def test_without_the_body_nothing_is_claimed_that_why_does_not_claim():
    article = make_article(text_from=TextFrom.TITLE, missing="fetch.closed")
    rules = "- {name: 一, any: [二次関税], none: [世論調査]}\n- {name: 二, any: [トランプ], none: [ロシア]}\n"
    rules += "- {name: 三, all: [ロシア, 停戦]}\n- NATO\n- {name: 四, title: [中国]}\n"
    found = lines("ja", stored=article, explanations=explained(article, rules))
    signs = {line[2:].partition(":")[0]: line for line in found if line[2:3] in "一二三"}
    assert signs["一"] == "? 一: 取得できた範囲では一致(二次関税)。本文があれば結果が変わることもあります"
    assert signs["二"] == "- 二: 不一致。none の語がなければ一致します: ロシア"
    assert signs["三"].startswith("? 三: 本文がないため判定できず。取得できた範囲では、次の語のどれかがあれば")
    assert found[found.index("? 1 ルールは本文がないため判定できず") + 1] == "  ほかの 1 ルールは不一致"


def test_all_rules_are_said_to_miss_it_where_none_is_near():
    found = lines("ja", stored=make_article(), explanations=explained(rules="- NATO\n- 天気\n"))
    assert "- 2 ルールすべて不一致" in found
    assert not any("ほかの" in line or "一致するルールはありません" in line for line in found)


def test_no_page_is_promised_another_try():
    for language, words in (("ja", "再試行します"), ("en", "tried again")):
        found = lines(language, candidates=(candidate(),), error=FetchError("fetch.timeout", url=URL, seconds=30))
        assert not any(words in line and "巡回" not in line for line in found)


def test_where_no_rule_matches_what_is_near_is_shown_with_the_sign_of_why():
    rules = "- {name: 警告, any: [トランプ], none: [ロシア]}\n- NATO\n"
    found = lines("ja", stored=make_article(), explanations=explained(rules=rules))
    start = found.index("- 一致するルールはありません")
    assert found[start + 1 : start + 3] == [
        "- 警告: 不一致。none の語がなければ一致します: ロシア",
        "  ほかの 1 ルールは不一致",
    ]
