"""Digests in the terminal."""

import io
import os
import re
from itertools import pairwise
from typing import Any

import pytest
from builders import NOW
from digests import (
    HOSTILE,
    HOSTILE_URLS,
    TOKYO,
    full_digest,
    make_delivery,
    make_digest,
    make_digest_entry,
    make_section,
)
from rich.cells import cell_len
from rich.text import Text

from monitor.errors import NotStoredError
from monitor.model import Digest, DigestSection, Outlet, Snippet
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.console import ConsoleSink, Screen, _breaks

STEERING = {chr(code) for code in (*range(32), *range(127, 160), 0x202E, 0x2066, 0x200F)} - {"\n"}
PIPED = """\
crisis ダイジェスト 11月23日(月) 7:45 ・ 3件
@here U012AB3CD @S012AB3CD @pr-duty
はじめまして。情報源12件、ルール3件で見守り、見つけた記事をここへお届けします。次のダイジェストは 11月23日(月) 12:00 です。
11月23日(月) 7:45 に配信する予定でしたが、遅れてお届けしています。内容に抜けはありません。
対象: 11月22日(日) 18:30 〜 11月23日(月) 8:30

■ 二次関税  2件
  トランプ氏、ロシアに二次関税を警告
  朝の通信 ・ 11月23日(月) 7:30
  │ 大統領は、ロシア産石油の購入国に二次関税を課す可能性があると述べた。
  ほか3媒体: asa、hiru、yoru
  ほかのルールにも該当: NATO、停戦協議
  │ NATO: NATO加盟国は反発した。
  https://news.example/a/1?x=1&y=2

  US threatens secondary tariffs on Russian oil
  The Wire ・ 取得 11月22日(日) 2:30 ・ 本文未取得(見出しで判定)
  https://news.example/a/30?x=1&y=2

■ 停戦協議  1件
  停戦協議が再開
  朝の通信 ・ 2025年10月19日 8:30
  │ 大統領は、ロシア産石油の購入国に二次関税を課す可能性があると述べた。

"""


async def shown(digest: Digest, *, terminal: bool = False, width: int = 80, **environment: str) -> str:
    stream = io.StringIO()
    console = Screen(
        file=stream,
        force_terminal=terminal,
        width=width,
        highlight=False,
        emoji=False,
        _environ={"TERM": "xterm-256color", **environment},
    )
    sink = ConsoleSink(console, language="ja", zone=TOKYO, clock=lambda: NOW)
    (payload,) = sink.render(digest)
    receipt = await sink.send(make_delivery(payload))
    assert (receipt.id, receipt.received_at) == (None, NOW)
    return stream.getvalue()


async def test_in_a_pipe_it_is_plain_and_unwrapped():
    assert await shown(full_digest(), width=20) == PIPED


THROTTLED = """\
crisis ダイジェスト 11月23日(月) 8:30 ・ 4件
対象: 11月22日(日) 18:30 〜 11月23日(月) 8:30

■ 二次関税  3件
  トランプ氏、ロシアに二次関税を警告
  朝の通信 ・ 11月23日(月) 7:30
  │ 大統領は、ロシア産石油の購入国に二次関税を課す可能性があると述べた。
  https://news.example/a/1?x=1&y=2

  ほか2件
  • トランプ氏、ロシアに二次関税を警告 — 朝の通信 ・ 11月23日(月) 6:30
    https://news.example/a/2?x=1&y=2
  • (見出しなし) — 朝の通信 ・ 11月23日(月) 5:30

■ 停戦協議  1件
  このルールは上限に達したため、見出しだけ並べます
  • トランプ氏、ロシアに二次関税を警告 — 朝の通信 ・ 11月23日(月) 4:30
    https://news.example/a/4?x=1&y=2

"""


async def test_what_a_throttle_leaves_no_room_for_is_listed():
    entries = [make_digest_entry(number) for number in range(1, 5)]
    entries[2] = make_digest_entry(3, title=Snippet(text=""), url="javascript:alert(1)")
    digest = make_digest(
        DigestSection(rule_id="a", rule_name="二次関税", entries=(entries[0],), more=tuple(entries[1:3])),
        DigestSection(rule_id="b", rule_name="停戦協議", entries=(), more=(entries[3],)),
    )
    assert await shown(digest) == THROTTLED


async def test_a_terminal_gets_bold_headlines_links_and_matched_words():
    text = await shown(make_digest(), terminal=True)
    assert "\x1b]8;" in text
    assert "https://news.example/a/1?x=1&y=2\x1b\\" in text
    assert "\x1b[2m  │ \x1b[0m大統領は、ロシア産石油の購入国に\x1b[1;33m二次関税\x1b[0mを課す" in text


async def test_no_color_is_respected():
    text = await shown(make_digest(), terminal=True, NO_COLOR="1")
    assert "二次関税" in text
    assert "33m" not in text


@pytest.mark.parametrize(
    ("words", "url"),
    [*((words, "https://news.example/1") for words in HOSTILE), *(("title", url) for url in HOSTILE_URLS)],
    ids=range(len(HOSTILE) + len(HOSTILE_URLS)),
)
async def test_hostile_words_never_steer_the_terminal(words, url):
    spans = ((0, len(words)),) if words else ()
    entry = make_digest_entry(
        title=Snippet(text=words, highlights=spans),
        url=url,
        outlet=words,
        snippet=Snippet(text=words, highlights=spans),
        also_rules=((words, Snippet(text=words)), (words, None)),
        also_outlets=(Outlet(name=words, url=url),),
    )
    digest = make_digest(make_section(entry, name=words), channel=words, mentions=(words,))
    piped = await shown(digest)
    assert not {char for char in piped if char in STEERING}
    assert "javascript:" not in piped
    colours = re.sub(
        r"\x1b\[[\d;]*m|\x1b\]8;(?:id=\d+;https://news\.example/1|;)\x1b\\", "", await shown(digest, terminal=True)
    )
    assert not {char for char in colours if char in STEERING}


def test_lines_break_where_japanese_may_and_never_before_a_closing_mark():
    text = "大統領は、NATO首脳会談で「二次関税」を課すと(月)述べた。officials said so"
    for width in range(8, 40):
        starts = [0, *_breaks(text, width), len(text)]
        lines = [text[start:end] for start, end in pairwise(starts)]
        assert "".join(lines) == text
        assert all(0 < cell_len(line.rstrip()) <= width for line in lines)
        assert not [line for line in lines[1:] if line[0] in "、。」"]
        assert not [line for line in lines[:-1] if line[-1] in "「("]
        if width >= 12:
            assert any("NATO" in line for line in lines)
            assert any("officials" in line for line in lines)


async def test_a_narrow_terminal_holds_every_line():
    text = Text.from_ansi(await shown(full_digest(), terminal=True, width=40)).plain
    assert max(cell_len(line) for line in text.splitlines()) <= 40
    assert "\n  │ 大統領は、ロシア産石油の購入国に二次\n  │ 関税を課す可能性があると述べた。\n" in text


async def test_a_listed_line_that_wraps_has_one_bullet():
    entry = make_digest_entry(title=Snippet(text="トランプ氏、ロシア産原油の購入国への二次関税を改めて警告"))
    section = DigestSection(rule_id="r", rule_name="二次関税", entries=(), more=(entry,))
    text = Text.from_ansi(await shown(make_digest(section), terminal=True, width=60)).plain
    assert text.count("•") == 1
    bullet, wrapped, address = text.partition("  • ")[2].rstrip().splitlines()
    assert f"{bullet}{wrapped.strip()}".endswith("二次関税を改めて警告 — 朝の通信 ・ 11月23日(月) 7:30")
    assert wrapped.startswith("    ")
    assert address.startswith("    https://")


class Broken(io.StringIO):
    def write(self, _text: str, /) -> int:
        raise BrokenPipeError


async def test_a_closed_pipe_is_not_told():
    for stream in (Broken(), closed()):
        sink = ConsoleSink(Screen(file=stream), language="ja", zone=TOKYO)
        (payload,) = sink.render(make_digest())
        with pytest.raises(NotStoredError):
            await sink.send(make_delivery(payload))


def closed() -> Any:
    stream = io.StringIO()
    stream.close()
    return stream


async def test_a_terminal_of_another_encoding_gets_what_it_can_show():
    read, write = os.pipe()
    with os.fdopen(write, "w", encoding="ascii") as stream:
        sink = ConsoleSink(Screen(file=stream), language="en", zone=TOKYO)
        (payload,) = sink.render(make_digest())
        await sink.send(make_delivery(payload))
    with os.fdopen(read, encoding="ascii") as printed:
        assert "https://news.example/a/1" in printed.read()


def test_it_is_opened_by_its_kind():
    assert isinstance(open_sink("console", SinkSettings(language="ja", zone=TOKYO)), ConsoleSink)
