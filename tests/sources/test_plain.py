"""Markup -> plain text."""

import pytest

from monitor.sources.plain import is_markup, line, paragraphs


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>一段落。</p><p>二段落。</p>", "一段落。\n\n二段落。"),
        ("一行目<br>二行目<br/><br/>次の段落", "一行目\n二行目\n\n次の段落"),
        ("<ruby>髙島<rp>(</rp><rt>たかしま</rt><rp>)</rp></ruby>屋", "髙島屋"),
        ("<ruby>髙島<rt>たかしま</ruby>屋", "髙島屋"),
        ("a<script>alert(1)</script>b<style>p {}</style>c", "abc"),
        ("<!-- hidden -->seen", "seen"),
        ("AT&amp;T &lt;b&gt; &#x9AD9;", "AT&T <b> 髙"),
        ("二次\n  関税を <b>警告</b>", "二次関税を 警告"),
        ("two\n  words", "two words"),
        ("<div>外<div>内</div></div>外", "外\n\n内\n\n外"),
        ("<ul><li>一</li><li>二</li></ul>", "一\n\n二"),
        ("<td>一</td><td>二</td>", "一 二"),
        ("5 < 6 & 7", "5 < 6 & 7"),
        ("未閉 <b>太字 <i>斜体", "未閉 太字 斜体"),
        ("&nbsp;　全角　空白&nbsp;", "全角 空白"),
        ("\x00\x08制御\x1f文字\ufeff", "制御文字"),
        ("<>", "<>"),
        ("", ""),
    ],
)
def test_paragraphs(markup, text):
    assert paragraphs(markup) == text


def test_plain_text_keeps_its_paragraphs_and_its_tags():
    assert paragraphs("一\n\n\n二 <b>\n三", markup=False) == "一\n\n二 <b>\n三"


def test_depth_and_size_cost_little():
    assert paragraphs("<div>" * 20_000 + "底") == "底"
    assert paragraphs("<!-- x " * 100_000) == ""
    assert len(paragraphs("<b>字</b>" * 50_000)) == 50_000


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("速報<br>首相", "速報 首相"),
        ("<b>速報</b> 首相", "速報 首相"),
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("5 < 6 > 4", "5 < 6 > 4"),
        ("<地名>で火災", "<地名>で火災"),
        ("How to write &amp;lt;b&amp;gt;", "How to write &lt;b&gt;"),
        ("二次\n関税", "二次関税"),
        ("NATO\n summit", "NATO summit"),
    ],
)
def test_headlines(title, text):
    assert line(title, markup=is_markup(title)) == text
