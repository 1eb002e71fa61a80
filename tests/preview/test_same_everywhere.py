"""One digest as Slack messages, as a page and in the terminal: the same stories in the same order, with the same marks."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from builders import NOW
from digests import TOKYO, full_digest, make_delivery, make_digest, make_digest_entry, make_section

from monitor.model import Digest, DigestSection, Outlet, Snippet, TextFrom
from monitor.preview.page import preview_html
from monitor.sinks.console import ConsoleSink, Screen
from monitor.sinks.slack.render import render

#: What a reader goes by, in Japanese and English.
SIGNS = re.compile(
    r"""題\d{3}                                   # a headline
    | ■\ .*?\ {1,2}\d+(?:件|\ stor(?:y|ies))      # a rule and how many stories it has
    | 本文未取得\(.*?\) | page\ not\ readable.*     # how the story was judged
    | 取得\ | found\                              # the time of finding, not of publication
    | ほか\d+媒体:.* | Also\ in.*                  # who else carries it
    | ほかのルールにも該当.* | Also\ matches.*       # what else it answers
    | (?:はじめまして|Hello).* | 対象:.* | Found\ between.* | .*遅れて.* | Late:.*
    | .*(?:ダイジェスト|アラート|速報|\ digest|\ alert).*\d(?:件|\ stor(?:y|ies))$
    """,
    re.VERBOSE | re.MULTILINE,
)


def slack_lines(digest: Digest, language: str) -> Iterator[str]:
    for payload in render(digest, language=language, zone=TOKYO):
        for block in json.loads(payload)["blocks"]:
            yield from _lines(block)


def _lines(block: dict[str, Any]) -> Iterator[str]:
    if "text" in block:
        yield block["text"]["text"]
    elif block["type"] == "context":
        yield from (element["text"] for element in block["elements"])
    for element in block.get("elements", []) if block["type"] == "rich_text" else ():
        for row in element["elements"] if element["type"] == "rich_text_list" else [element]:
            yield "".join(_words(part) for part in row["elements"])


def _words(part: dict[str, Any]) -> str:
    mentioned = part.get("range") or part.get("user_id") or part.get("usergroup_id")
    return f"@{mentioned}" if mentioned else part.get("fallback") or part["text"]


class Page(HTMLParser):
    """What a page says, a line per paragraph."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html.partition("<body>")[2])

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.text += "\n" if tag in ("p", "h2", "li", "blockquote", "div") else ""

    def handle_data(self, data: str) -> None:
        self.text += data


async def terminal_text(digest: Digest, language: str) -> str:
    stream = io.StringIO()
    sink = ConsoleSink(Screen(file=stream), language=language, zone=TOKYO, clock=lambda: NOW)
    (payload,) = sink.render(digest)
    await sink.send(make_delivery(payload))
    return stream.getvalue()


def signs(text: str) -> list[str]:
    """A rule that goes on in a further message is no new rule, and who said so is no new digest."""
    found = [re.sub(r"\s+", " ", one).strip() for one in SIGNS.findall(text)]
    return [one for one in found if not one.startswith("■") or "(続き)" not in one]


def long_digest() -> Digest:
    def entry(number: int) -> Any:
        return make_digest_entry(
            number,
            title=Snippet(text=f"題{number:03}"),
            dated=number % 7 != 0,
            body_missing=number % 5 == 0,
            text_from=TextFrom.TITLE if number % 2 else TextFrom.ENTRY,
            also_outlets=tuple(Outlet(name=f"紙{n}", url=f"https://{n}.example/") for n in range(number % 12)),
            also_rules=tuple((f"規{n}", Snippet(text="別の話。") if n % 2 else None) for n in range(number % 4)),
        )

    sections = (
        replace(make_section(*map(entry, range(1, 31)), name="急ぎ"), breaking=True),
        make_section(*map(entry, range(31, 40)), name="関税"),
        make_section(entry(41), name="停戦"),
    )
    return make_digest(*sections, mentions=("@here",), hello=(12, 3, None), late_for_at=NOW)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("digest", [full_digest(), long_digest(), make_digest(period="breaking/x/1")])
async def test_the_three_forms_agree(digest, language):
    slack = signs("\n".join(slack_lines(digest, language)))
    assert signs(Page(preview_html([digest], language=language, zone=TOKYO)).text) == slack
    in_terminal = signs(await terminal_text(digest, language))
    assert in_terminal == slack
    # The mark and the number of a rule, and each headline once.
    assert len([one for one in slack if one.startswith("■")]) == len(digest.sections)
    assert len({one for one in slack if one.startswith("題")}) == len([one for one in slack if one.startswith("題")])


async def test_lists_agree_too():
    entries = [make_digest_entry(number, title=Snippet(text=f"題{number:03}")) for number in range(1, 41)]
    digest = make_digest(
        DigestSection(rule_id="a", rule_name="関税", entries=tuple(entries[:3]), more=tuple(entries[3:])),
        make_section(make_digest_entry(41, title=Snippet(text="題041")), name="停戦"),
    )
    slack = "\n".join(slack_lines(digest, "ja"))
    page = Page(preview_html([digest], language="ja", zone=TOKYO)).text
    assert signs(page) == signs(slack)
    # The terminal has no thread: the list stands with its rule.
    in_terminal = await terminal_text(digest, "ja")
    assert re.findall(r"題\d{3}", in_terminal) == [f"題{number:03}" for number in range(1, 42)]
    assert sorted(re.findall(r"題\d{3}", slack)) == [f"題{number:03}" for number in range(1, 42)]
    assert all("ほか37件" in text and "40件" in text for text in (slack, page, in_terminal))
