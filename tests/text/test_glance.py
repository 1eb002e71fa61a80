"""What a glance rules out is not there, however a text is printed; most texts without the word are ruled out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text.find import find_term
from monitor.text.fold import fold
from monitor.text.glance import _dropped, _sources, glance
from monitor.text.spell import settled_alone


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("日本と米国", "日本と米国"),
        ("日本と米国", "日\u200b本 と\n米\u3000国"),
        ("日本と米国", "⽇本と⽶國"),
        ("国立国会図書館", "國立國會圖書館"),
        ("トランプ大統領", "ﾄﾗﾝﾌﾟ大統領"),
        ("トランプ大統領", "ドナルド・トランプ・大統領"),
        ("バイデン", "ハ\u3099イテ\u3099ン"),
        ("バイデン", "ﾊﾞｲﾃﾞﾝ"),
        ("ベトナム", "ヴェトナム"),
        ("ベトナム", "ウ\u3099ェトナム"),
        ("ビュー", "ヴュー"),
        ("3カ月", "３ヶ月"),
        ("3カ月", "3か月"),
        ("3ヵ月", "3箇月"),
        ("関ヶ原", "関ケ原"),
        ("サーバー", "サ-バ―"),
        ("サーバ", "サーバー"),
        ("株式会社日立", "㍿日立"),
        ("株式会社日立", "㍿\u200b日立"),
        ("株式会社", "㈱式会社"),
        ("平成元年", "㍻元年"),
        ("習近平国家主席", "習近平（しゅうきんぺい）国家主席"),
        ("secondary tariffs", "SECONDARY \n Tariﬀs"),
        ("secondary tariffs", "ｓｅｃｏｎｄａｒｙ　ｔａｒｉｆｆｓ"),
        ("AT&T", "ＡＴ＆Ｔ"),
        ("F-35", "Ｆ35"),
        ("WHO", "W.H.O."),
        ("don't", "don’t"),
        ("吉野家", "\U00020bb7野家"),
        ("km走", "㎞走"),
        ("c++", "C＋＋"),
    ],
)
def test_a_word_in_whatever_print(word, text):
    assert glance(word)(text)
    assert glance(word)(f"前に。{text}、後に")


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("日本と米国", "日本は米国と"),
        ("日本と米国", "日本と中国、米国"),
        ("首脳会談", "首脳が会談"),
        ("ソウル", "ソナタ、ウル"),
        ("ai", "a, i, eia"),
        ("us tariffs", "us. and tariffs"),
        ("関税", "関所と税"),
    ],
)
def test_letters_that_do_not_stand_together_are_told_without_folding(word, text):
    assert not glance(word)(text)
    assert not find_term(text, word)


def test_of_other_letters_every_text_is_looked_at():
    for word in ("київ", "القدس", "서울", "café", "f(x)", "", " ", "="):
        assert glance(word)("x")


_PRINTED = [
    *"日本米国と税ヶヵケカか個月3年一(（)）ァェヴウババー-―・=＝ \n\u3000\u200b\ufe00AaＡａt&.’'\"",
    *"ﾄﾗﾝﾌﾟﾊﾞ⽇國㍿㈱㎞ﬀß\u0301\u0307ゟヿ´゛Å𠮷🚀",
    "しゅう",
    "㍻",
]
_TEXTS = st.lists(st.sampled_from(_PRINTED) | st.characters(), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("word", "text", "start", "end", "can"),
    [
        ("ai", "He said it again", True, True, False),
        ("ai", "ＡＩ said", True, True, True),
        ("ai", "日本AI企業", True, True, True),
        ("ai", "aid", True, True, False),
        ("ai", "aid", True, False, True),
        ("ai", "thai", True, False, False),
        ("ai", "thai", False, True, True),
        ("5g", "25GB", True, True, False),
        ("5g", "x5G.", True, True, True),
        ("kg", "a㎏b", True, True, True),
        ("us", "b\u00adus", True, True, True),
        ("secondary", "xsecondary", True, True, True),
    ],
)
def test_short_words_of_ascii_do_not_stand_in_longer_ones(word, text, start, end, can):
    assert glance(word, whole_start=start, whole_end=end)(text) is can


_LATIN = st.lists(st.sampled_from([*"aiAIｉ5g9. 日\u00ad\u0301㎏éſﬁ-’", "ai"]), max_size=10).map("".join)


@given(text=_LATIN, word=st.text("aig59k", min_size=1, max_size=3), open_end=st.booleans(), whole=st.booleans())
@settings(max_examples=600, deadline=None)
def test_what_counts_there_is_never_ruled_out(text, word, open_end, whole):
    if find_term(text, word + "*" * open_end, boundary="whole" if whole else "auto"):
        assert glance(word, whole_start=True, whole_end=not open_end)(text)


@given(text=_TEXTS, start=st.integers(0, 20), length=st.integers(1, 8), open_end=st.booleans())
@settings(max_examples=600, deadline=None)
@example(text="習(しゅう)国", start=0, length=2, open_end=False)
@example(text="㍿\u0301日", start=1, length=4, open_end=False)
def test_what_stands_there_is_never_ruled_out(text, start, length, open_end):
    """Any piece of the folded text, looked for in the text as printed."""
    folded = fold(text).text
    word = folded[start : start + length]
    if find_term(text, word + "*" * open_end, boundary="part"):
        assert glance(word)(text)


def test_every_character_finds_what_it_folds_to():
    """Of all that folding touches, one in thirty: what it comes to is not ruled out where it stands."""
    missed = [
        (c, settled)
        for c, settled in list(settled_alone().items())[::29]
        if settled.strip() and not glance(settled.strip()[:8])(f"x {c} x")
    ]
    assert missed == []


def test_nothing_is_both_dropped_and_looked_for():
    letters = {*map(chr, range(0x21, 0x7F)), *map(chr, range(0x3041, 0x30FB)), *"ー一国関"} - _dropped()
    assert len(letters) > 250
    assert [letter for letter in letters if not _dropped().isdisjoint(_sources(letter))] == []


def test_a_hostile_text_costs_no_more_than_its_length():
    for part in ("日(", "日\u200b", "日(し", "ヴァ", "ﾊﾞ", "株㈱", "日本と", "（"):
        glance("日本と米国の株式会社")(part * 100_000)
        glance("バリバリ")(part * 100_000)
        glance("(日)")(part * 100_000)
