import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.encodings import _strange, decode_bytes
from monitor.text.labels import EUC_JP, strict

TEXT = "トランプ大統領は、ロシア産石油の購入国に二次関税を課す可能性があると記者団に答えた。"


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "iso2022_jp", "utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_needs_no_declaration(codec):
    assert decode_bytes((TEXT * 3).encode(codec), []) == TEXT * 3


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("cp932", "Shift_JIS"),
        ("cp932", "x-sjis"),
        ("cp932", "MS932"),
        ("euc_jp", "x-euc-jp"),
        ("iso2022_jp", "ISO-2022-JP"),
        ("gb18030", "gb2312"),
        ("cp1252", "ISO-8859-1"),
        ("cp949", "euc-kr"),
    ],
)
def test_believes_a_declaration_that_fits(codec, label):
    text = {"cp1252": "“Gespräche” – naïve €", "cp949": "한국은행 기준금리 펲", "gb18030": "习近平主席"}.get(
        codec, TEXT
    )
    assert decode_bytes(text.encode(codec), [label]) == text


@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "nonsense", "base64", "utf-16", "\0", "ü", "", "idna"])
def test_does_not_believe_one_that_does_not_fit(label):
    assert decode_bytes((TEXT * 3).encode("cp932"), [label]) == TEXT * 3


def test_vendor_characters():
    assert decode_bytes("①㈱髙﨑".encode("cp932"), ["Shift_JIS"]) == "①㈱髙﨑"
    assert decode_bytes("全角".encode("euc_jp") + b"\xad\xa1", ["euc-jp"]) == "全角①"


def test_a_little_damage_does_not_change_the_encoding():
    damaged = (TEXT * 5).encode() + b"\xe3\x81"
    assert decode_bytes(damaged, ["utf-8"]) == TEXT * 5 + "\ufffd"


@given(st.binary(max_size=200), st.lists(st.text(max_size=12), max_size=3))
def test_never_fails(body, labels):
    assert isinstance(decode_bytes(body, labels), str)


@pytest.mark.parametrize("around", [(b"x" * 5_000_000, b""), (b"", b"\n" + b"x" * 5_000_000), (b"<" * 5_000_000, b"")])
def test_one_long_line_costs_no_more_than_many_short_ones(around):
    began = time.perf_counter()
    decode_bytes("ソニー".encode("cp932").join(around), [])
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark_are_told_by_their_zeros(codec):
    markup = f"<?xml version='1.0'?><title>{TEXT}</title>"
    assert decode_bytes(markup.encode(codec), ["Shift_JIS"]) == markup


def test_korean_that_could_be_read_as_japanese():
    text = "국제통화기금 총재가"
    assert decode_bytes(text.encode("cp949"), []) == text


def test_vendor_characters_belong_to_euc_jp_and_broken_ones_do_not():
    assert strict("全角".encode("euc_jp") + b"\xad\xa1", EUC_JP) == "全角①"
    assert strict("全角".encode("euc_jp") + b"\xad\xff", EUC_JP) is None


def test_vendor_characters_need_no_declaration():
    assert decode_bytes(TEXT.encode("euc_jp") + b"\xad\xa1", []) == TEXT + "①"


def test_the_wave_of_euc_jp_is_japanese():
    assert decode_bytes("春〜夏〜秋〜冬".encode("euc_jp"), []) == "春〜夏〜秋〜冬"


@pytest.mark.parametrize(("characters", "strangeness"), [("あー、亜①～〜‖−¢£¬", 0), ("髙龗丂한é", 1), ("\ufffd", 3)])
def test_how_strange_a_character_is_in_japanese(characters, strangeness):
    assert {_strange(character) for character in characters} == {strangeness}
