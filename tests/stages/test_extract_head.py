"""What is no text goes from the start of a text, and no word of it with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stages.extract_head import head_of, without_head

TITLE = "トランプ氏、ロシアに二次関税を警告"
ENGLISH = "Trump warns Russia over secondary tariffs"
TEXT = "トランプ大統領は、購入国に二次関税を課す可能性があると記者団に答えた。"
NAMES = ("朝の通信", "Morning Wire", "川村 咲平", "A. Writer")
HEAD = head_of(TITLE, [TITLE, "二次関税を警告", "トランプ氏、ロシアに二次関税を警告 石油めぐり"], NAMES)
ENGLISH_HEAD = head_of(ENGLISH, [], NAMES)


@pytest.mark.parametrize(
    "above",
    [
        TITLE,
        "トランプ氏 ロシアに〈二次関税〉を警告",
        "二次関税を警告",
        "2026年11月23日 15:09",
        "２０２６年１１月２３日（月）午後３時０９分",
        "11月23日 8時23分",
        "(2026/11/23-15:41)",
        "2025/08/16 更新: 2025/08/17 10:30",
        "公開日時：2025.08.16 10:30",
        "令和7年8月16日",
        "2月15日（土）7時0分 朝の通信",
        "UPDATED: Tue., Nov. 19, 2019",
        "Published 18 November 2019 at 10:15 am EST",
        "Monday, November 18, 2019",
        "24.07.2015, 12:46",
        "川村咲平",
        "川村咲平記者",
        "by A. Writer",
        "By A. Writer, Morning Wire",
        "朝の通信",
        f"{TITLE}\n\n川村咲平\n\n2026年11月23日 15:09",
        f"{TITLE}\n2026年11月23日 15:09",
    ],
)
def test_what_stands_above_the_text_goes(above):
    assert without_head(f"{above}\n\n{TEXT}\n\n{TEXT}", HEAD) == f"{TEXT}\n\n{TEXT}"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"{TITLE}した。{TEXT}",
        f"{TITLE}すると述べた\n\n{TEXT}",
        f"トランプ氏、ロシアに二次関税を警告 石油めぐり\n\n{TEXT}",
        f"トランプ氏、ロシアに\n\n{TEXT}",
        f"ウクライナ侵攻\n\n{TEXT}",
        f"2026年11月23日、{TEXT}",
        f"2026年11月23日 {TEXT}",
        f"11月23日に{TEXT}",
        f"10 p.m.\n\n{TEXT}",
        f"3-2\n\n{TEXT}",
        f"川村咲平が優勝\n\n{TEXT}",
        f"朝の通信の調べでは、{TEXT}",
        f"May 5 deal\n\n{TEXT}",
        f"国内\n\n{TEXT}",
        TITLE,
        f"{TITLE}\n\n2026年11月23日 15:09",
        "",
    ],
)
def test_text_stays(text):
    assert without_head(text, HEAD) == text


@pytest.mark.parametrize("rest", ["in a speech on Monday.", "Nov. 23 in a speech.", "again"])
def test_english_text_that_goes_on_from_the_headline_stays(rest):
    text = f"{ENGLISH} {rest}"
    assert without_head(text, ENGLISH_HEAD) == text


@pytest.mark.parametrize(
    ("start", "head"),
    [
        (f"{TITLE} 2026年11月23日 15:09 ", HEAD),
        (f"{TITLE} 11月23日 15時09分 ", HEAD),
        (f"{TITLE} (2026/11/23-15:41) ", HEAD),
        (f"{TITLE} ", HEAD),
        (f"【{TITLE}】\u3000", HEAD),
        (f"{ENGLISH} Nov. 23, 2026 ", ENGLISH_HEAD),
        (f"{ENGLISH} 23 November 2026 10:15 am ", ENGLISH_HEAD),
    ],
)
def test_one_paragraph_that_begins_with_headline_and_date(start, head):
    assert without_head(f"{start}{TEXT}", head) == TEXT


def test_a_section_between_is_kept():
    assert without_head(f"国際\n\n{TITLE}\n\n{TEXT}", HEAD) == f"国際\n\n{TEXT}"


def test_a_headline_further_down_is_a_heading():
    text = f"{TEXT}\n\n{TITLE}\n\n{TEXT}"
    assert without_head(text, HEAD) == text


def test_breaks_within_paragraphs_stay():
    assert without_head(f"{TITLE}\n\n一行目。\n二行目。\n\n{TEXT}", HEAD) == f"一行目。\n二行目。\n\n{TEXT}"


@given(st.text("ab 。.\n月日12:/年", max_size=60))
def test_nothing_is_added_and_the_end_stays(text):
    found = without_head(text, HEAD)
    assert "".join(text.split()).endswith("".join(found.split()))
