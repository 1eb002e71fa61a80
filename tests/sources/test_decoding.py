"""Bytes under right, wrong and no declarations."""

import pytest

from monitor.sources.decoding import declared, decode
from monitor.text.labels import codecs_of

TEXT = "トランプ氏、ロシアに二次関税を警告"


def document(title: bytes, said: str = "") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{said}"?>\n'.encode() if said else b""
    return declaration + b"<rss><channel><title>" + title + b"</title></channel></rss>"


def title_of(body: bytes, content_type: str | None = None) -> str:
    text = decode(body, content_type)
    return text[text.index("<title>") + 7 : text.index("</title>")]


@pytest.mark.parametrize(
    "said", ["", "utf-8", "Shift_JIS", "euc-jp", "iso-8859-1", "us-ascii", "utf-16", "klingon", "base64"]
)
@pytest.mark.parametrize(
    "sent", ["utf-8", "cp932", "euc_jp", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-16", "utf-32-be"]
)
def test_japanese_is_read_whatever_is_said(said, sent):
    body = document(TEXT.encode(), said).decode().encode(sent)
    assert title_of(body) == TEXT


@pytest.mark.parametrize(
    "title", ["新首相が会見", "東証終値、3万円台回復", "ゲーム三昧な正月", "「二次関税」とは", "大谷が50号"]
)
@pytest.mark.parametrize("sent", ["cp932", "euc_jp"])
def test_short_japanese_without_declaration(title, sent):
    assert title_of(document(title.encode(sent))) == title


def test_iso_2022_jp():
    assert title_of(document(TEXT.encode("iso2022_jp"), "ISO-2022-JP")) == TEXT
    assert title_of(document(TEXT.encode("iso2022_jp"))) == TEXT


@pytest.mark.parametrize("said", ["Shift_JIS", "shift-jis", "x-sjis", "sjis", "Windows-31J", "MS_Kanji"])
def test_shift_jis_means_cp932(said):
    assert title_of(document("①～髙島屋㈱".encode("cp932"), said)) == "①～髙島屋㈱"


@pytest.mark.parametrize("said", ["euc-jp", "x-euc-jp", "EUC_JP"])
def test_euc_jp_has_the_rows_of_cp51932(said):
    # ① is 0xADA1 and 髙 0xFCE2 there; EUC-JIS-2004 would read 郄.
    assert title_of(document(b"\xad\xa1\xfc\xe2" + "島屋が発表".encode("euc_jp"), said)) == "①髙島屋が発表"


def test_half_width_katakana_that_are_meant_stay():
    assert title_of(document("ﾄﾗﾝﾌﾟ氏が会見".encode("cp932"), "Shift_JIS")) == "ﾄﾗﾝﾌﾟ氏が会見"
    assert title_of(document("ﾄﾗﾝﾌﾟ氏が会見".encode("euc_jp"), "EUC-JP")) == "ﾄﾗﾝﾌﾟ氏が会見"


@pytest.mark.parametrize(
    ("title", "sent", "said"),
    [
        ("新华社北京电", "gb18030", "gb2312"),
        ("镕基", "gb18030", "GB2312"),
        ("똠방각하 이야기", "cp949", "ks_c_5601-1987"),
        ("똠방각하 이야기", "cp949", "euc-kr"),
        ("蘋果日報", "big5", "Big5"),
        ("“Vladimir’s plan” costs 5 €", "cp1252", "ISO-8859-1"),
        ("Первая новость", "koi8-r", "koi8-r"),
        ("Первая новость", "cp1251", "windows-1251"),
        ("Zażółć gęślą jaźń", "iso8859-2", "iso-8859-2"),
    ],
)
def test_names_mean_their_supersets(title, sent, said):
    assert title_of(document(title.encode(sent), said)) == title


@pytest.mark.parametrize("said", ["", "utf-8"])
def test_a_few_western_quotation_marks_are_no_kanji(said):
    assert title_of(document("Vladimir’s “plan” is naïve".encode("cp1252"), said)) == "Vladimir’s “plan” is naïve"


@pytest.mark.parametrize(
    ("sent", "said"), [("utf-8", "utf-8"), ("utf-8", ""), ("cp932", "shift_jis"), ("euc_jp", "euc-jp")]
)
def test_one_broken_byte_stays_one_broken_byte(sent, said):
    broken = TEXT.encode(sent) + b"\xff" + "と米紙が報じた".encode(sent)
    text = title_of(document(broken, said))
    assert text.startswith(TEXT)
    assert text.endswith("と米紙が報じた")
    assert text.count("\ufffd") <= 1


def test_http_wins_over_xml_but_not_with_a_servers_default():
    body = document(b"", "shift_jis")
    assert codecs_of(declared(body, "application/xml; charset=EUC-JP")) == ["euc_jp", "cp932"]
    assert codecs_of(declared(body, "text/xml; charset=ISO-8859-1")) == ["cp932", "cp1252"]
    assert codecs_of(declared(body, 'text/xml; charset="utf-8"')) == ["utf-8", "cp932"]
    assert codecs_of(declared(b"<rss/>", None)) == []


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"\xff" * 50, b"\x1b$B\xff", b"\x1b$B!", bytes(range(256)), b"\xfe\xff\x00"]
)
def test_never_fails(body):
    decode(body, "text/xml; charset=unicode_escape")
