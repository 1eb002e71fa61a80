import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text.fold import fold, fold_term, term_forms, unread
from monitor.text.letters import DASHES, DOTS, UNSEEN, VOWEL_SIGNS
from monitor.text.spelling import plain_fold
from monitor.text.variants import KANJI

#: Characters that fold with their neighbours, change their length, join or vanish.
HARD = (
    "アイカキサタハパヴァィェォュッーｰｱｶﾊﾟﾞ・･·•゠＝=-‐―−－〜～ 　\n\r\t\u2028\u2029\u200b\u00ad\u200d\ufe0f\U000e0100"
    "か\u3099\u309aがは東京都国國髙﨑齋𠮷葛々〇㈱①㌔㍻ﷺﬁßİıΣςǰŉẞＡａz09１２.。、“”’eE\u0301\u0307\u0323\u0345각각가سُيیـ"
    "กำเ🇺🇦👩👨❤ヵヶケ箇か個三数月所統一ゝゞ々()（）"
)
hard_text = st.text(st.sampled_from(HARD), max_size=40) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("printed", "term"),
    [
        ("ＮＡＴＯ", "NATO"),
        ("ｉＰｈｏｎｅ", "iPhone"),
        ("ｳｸﾗｲﾅ", "ウクライナ"),
        ("ﾊﾞｲﾃﾞﾝ", "バイデン"),
        ("プ\u30fcチン".replace("プ", "フ\u309a"), "プーチン"),
        ("㈱大紀元", "(株)大紀元"),
        ("⽇本政府", "日本政府"),
        ("ＣＯＶＩＤ−１９", "COVID-19"),
        ("COVID–19", "COVID-19"),
        ("ＣＯＶＩＤー１９", "COVID-19"),
        ("デ―タ", "データ"),
        ("サ‐バ－", "サーバー"),
        ("10〜20%", "10～20%"),
        ("ドナルド＝トランプ", "ドナルド・トランプ"),
        ("ドナルド=トランプ", "ドナルド・トランプ"),
        ("ドナルド·トランプ", "ドナルドトランプ"),
        ("ドナルド゠トランプ", "ドナルド･トランプ"),
        ("ドナルド・\nトランプ", "ドナルド・トランプ"),
        ("髙市早苗", "高市早苗"),
        ("山﨑製パン", "山崎製パン"),
        ("渡邊恒雄", "渡辺恒雄"),
        ("渡邉恒雄", "渡邊恒雄"),
        ("慶應義塾", "慶応義塾"),
        ("𠮷野家", "吉野家"),
        ("葛\U000e0100飾区", "葛飾区"),
        ("法轮功", "法輪功"),
        ("ヴァンス", "バンス"),
        ("ｳﾞｧﾝｽ", "バンス"),
        ("レヴュー", "レビュー"),
        ("ウク\u200bライナ", "ウクライナ"),
        ("ウク\u00adライナ", "ウクライナ"),
        ("ウク\ufeffライナ", "ウクライナ"),
        ("ウク\nライナ", "ウクライナ"),
        ("ウク\r\nライナ", "ウクライナ"),
        ("New\u3000York", "New York"),
        ("New \n York", "New York"),
        ("New\nYork", "New York"),
        ("İstanbul’da", "istanbul'da"),
        ("Weiss", "Weiß"),
        ("ΚΩΣΤΑΣ", "Κωστας"),
        ("Vie\u0323\u0302t Nam", "Việt Nam"),
        ("سُورِيَا", "سوريا"),
        ("ﺳﻮﺭﻳﺎ", "سوريا"),
        ("ایران", "ايران"),
        ("3ヶ月", "3カ月"),
        ("３ヵ月", "3か月"),
        ("3ケ月", "3箇月"),
        ("三個所", "三カ所"),
        ("数か国", "数カ国"),
        ("十数ヶ所", "十数カ所"),
        ("何ヶ国", "何カ国"),
        ("約一か月", "約一カ月"),
        ("百ヶ条", "百箇条"),
        ("関ヶ原", "関ケ原"),
        ("か\u3099い", "がい"),
        ("いすゝ\u3099", "いすゞ"),
        ("ハ\u309aリ", "パリ"),
        ("国\u2028々", "国々"),
    ],
)
def test_two_spellings_fold_to_one(printed, term):
    assert fold(printed).text == fold_term(term)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ビール", "ビル"),
        ("東京・都", "東京都"),
        ("英・米", "英米"),
        ("キヤノン", "キャノン"),
        ("斉藤", "斎藤"),
        ("臺灣", "台湾"),
        ("New\n\nYork", "New York"),
        ("ウク\n\nライナ", "ウクライナ"),
        ("ウク\n　ライナ", "ウクライナ"),
        ("NewYork", "New York"),
        ("1,000", "1000"),
        ("Viet", "Việt"),
        ("ıstanbul", "istanbul"),
        ("トランプ――その", "トランプーその"),
        ("M-1", "M1"),
        ("統一か国家", "統一カ国家"),
        ("第一か国", "第一カ国"),
        ("G7か国連か", "G7カ国連か"),
        ("件数か所得か", "件数カ所得か"),
        ("何か月を", "何カ月を"),
        ("三か月面", "三カ月面"),
        ("三個人", "三カ人"),
        ("霞が関", "霞ケ関"),
        ("佐佐木", "佐々木"),
        ("人々", "人人"),
        ("いすず", "いすゞ"),
        ("三月", "3月"),
        ("イスラム", "イスラーム"),
        ("高市　早苗", "高市早苗"),
        ("ドナルド トランプ", "ドナルド・トランプ"),
        ("Muller", "Müller"),
        ("ハリ", "パリ"),
        ("おばさん", "おばあさん"),
        ("切り上げ", "切上げ"),
    ],
)
def test_two_words_stay_two(one, other):
    assert fold(one).text != fold_term(other)


@given(hard_text)
@example("ア-・イ")
@example("カ゛ソ")
@example("ァ゠\rカ")
@example("ア・\r\nカ")
@example("ヴ\nァ\u3099")
@example("i\u0307\u0301")
@settings(max_examples=400, deadline=None)
def test_folding_in_runs_equals_folding_in_the_obvious_way(text):
    assert fold(text).text == plain_fold(text)


@given(hard_text)
@settings(deadline=None)
def test_the_way_back_covers_whole_characters_in_order(text):
    folded = fold(text)
    spans = [folded.span(at, at + 1) for at in range(len(folded.text))]
    assert all(0 <= first < last <= len(text) for first, last in spans)
    assert all(left[0] <= right[0] and left[1] <= right[1] for left, right in pairwise(spans))
    if spans:
        assert folded.span(0, len(folded.text)) == (spans[0][0], spans[-1][1])


@given(hard_text)
@settings(deadline=None)
def test_what_the_way_back_leaves_out_prints_nothing_or_parts_names(text):
    folded = fold(text)
    covered = {index for at in range(len(folded.text)) for index in range(*folded.span(at, at + 1))}
    left_out = {text[index] for index in range(len(text)) if index not in covered}
    assert all(c in UNSEEN + VOWEL_SIGNS or c.isspace() or unicodedata.normalize("NFKC", c) in DOTS for c in left_out)


@given(hard_text, st.integers(0, 40), st.integers(0, 40))
@settings(deadline=None)
def test_a_piece_of_folded_text_comes_from_the_printed_piece(text, start, length):
    folded = fold(text)
    first, last = folded.span(start := min(start, len(folded.text)), end := min(start + length, len(folded.text)))
    assert plain_fold(text[first:last]).strip() == "" or folded.text[start:end].strip()[:1] in plain_fold(text)


#: Terms that mostly need no folding, with what may: dashes, bars, variants.
EASY = "3三か月ケ箇所アカンヴーぁかん々国國髙京azAZ09 -=~.ı"


@given(hard_text | st.text(st.sampled_from(EASY), max_size=8))
@settings(max_examples=400, deadline=None)
def test_a_term_is_folded_like_a_text(text):
    assert fold_term(text) == fold(" ".join(text.split())).text.strip()


@given(hard_text)
@settings(deadline=None)
def test_folding_a_term_again_changes_nothing(text):
    folded = fold_term(text)
    assert fold_term(folded) == folded


def test_the_way_back_is_exact():
    text = "（株）ﾊﾞｲﾃﾞﾝ㈱ＡＢＣ、葛\U000e0100飾区のヴァンス・\u200bジェイ"
    folded = fold(text)
    for term, printed in [
        ("バイデン", "ﾊﾞｲﾃﾞﾝ"),
        ("abc", "ＡＢＣ"),
        ("株", "㈱"),
        ("葛飾", "葛\U000e0100飾"),
        ("バンスジェイ", "ヴァンス・\u200bジェイ"),
        ("ジェイ", "ジェイ"),
    ]:
        start = folded.text.rfind(term)
        first, last = folded.span(start, start + len(term))
        assert text[first:last] == printed


def test_text_without_anything_to_fold_runs_in_step():
    text = "この文は、そのままです。"
    folded = fold(text)
    assert (folded.text, folded.spelled, folded.original) == (text, text, text)
    assert folded.span(2, 5) == (2, 5)


def test_marks_without_end_cost_no_quadratic_time():
    folded = fold("e" + "\u0301\u0323" * 100_000)
    assert folded.span(0, len(folded.text)) == (0, 200_001)


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "\U0010ffff", "\u200b" * 50, " ", "\n\n\n"])
def test_odd_texts_fold(text):
    folded = fold(text)
    assert folded.span(0, len(folded.text))[1] <= len(text)


def test_unassigned_kanji_tables_hold_no_chains():
    assert not [old for old, new in KANJI.items() if new in KANJI]
    assert not [old for old in KANJI if unicodedata.normalize("NFKC", old) != old]


def test_dashes_hold_every_kind_that_japanese_systems_type():
    assert set("-‐‑–—―−─－") <= set(DASHES)


@pytest.mark.parametrize(
    ("term", "forms"),
    [
        ("サーバ", ("サーバ", "サーバー")),
        ("サーバー", ("サーバー", "サーバ")),
        ("Webサーバ", ("webサーバ", "webサーバー")),
        ("ビル", ("ビル",)),
        ("バター", ("バター",)),
        ("ロシア軍", ("ロシア軍",)),
        ("US", ("us", "u.s.")),
        ("ＷＨＯ", ("who", "w.h.o.")),
        ("It", ("it",)),
        ("F-35", ("f-35", "f35")),
        ("M-1", ("m-1",)),
        ("Kılıçdaroğlu", ("kılıçdaroğlu", "kiliçdaroğlu")),
        ("カ国語", ("カ国語",)),
        ("ヶ月間", ("ケ月間", "カ月間")),
        ("か国語", ("か国語", "カ国語")),
        ("箇所", ("箇所", "カ所")),
        ("　 ", ()),
        ("\u200b", ()),
    ],
)
def test_forms_of_a_term(term, forms):
    assert term_forms(term) == forms


READ = "髙市（たかいち）早苗、習近平(シーチンピン)国家主席"


def test_readings_in_the_middle_of_names_can_be_left_out():
    without = unread(fold(READ))
    assert without.text == "高市早苗、習近平国家主席"
    assert without.original == READ
    for name, printed in [
        ("高市早苗", "髙市（たかいち）早苗"),
        ("習近平国家主席", "習近平(シーチンピン)国家主席"),
        ("早苗", "早苗"),
    ]:
        start = without.text.index(name)
        first, last = without.span(start, start + len(name))
        assert READ[first:last] == printed
        assert without.around_reading(start, start + len(name)) is (name != "早苗")


@pytest.mark.parametrize(
    "text",
    [
        "東京（など）都市",
        "停戦（ceasefire）協議",
        "北京（23日）共同",
        "米国（アメリカ）の政府",
        "ビル（びる）街",
        "李（い）氏（自民）",
        "（たかいち）早苗",
        "髙市（たかいち",
    ],
)
def test_what_is_no_reading_in_the_middle_of_a_name_stays(text):
    assert unread(fold(text)) is None


@pytest.mark.parametrize("name", ["市早苗", "高市早苗", "一高市", "苗、習"])
def test_a_reading_needs_a_word_on_both_sides(name):
    without = unread(fold("一高市（たかいち）早苗、習"))
    start = without.text.index(name)
    assert without.around_reading(start, start + len(name)) is ("高市早苗" in name)


@given(
    st.lists(
        st.sampled_from(["髙", "市", "（たかいち）", "(あ・い)", "(", ")", "\u200b", "か゛", "、", " ", "㈱"]),
        max_size=12,
    )
)
@settings(deadline=None)
def test_the_way_back_holds_without_readings_too(pieces):
    text = "".join(pieces)
    without = unread(fold(text))
    if without is None:
        return
    spans = [without.span(at, at + 1) for at in range(len(without.text))]
    assert all(0 <= first < last <= len(text) for first, last in spans)
    assert all(left[1] <= right[0] or left == right for left, right in pairwise(spans))
