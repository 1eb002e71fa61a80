import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Snippet
from monitor.text.find import find_term
from monitor.text.snippets import highlight, snippet

STORY = (
    "トランプ大統領は、ロシア産石油の購入国に関税を課す可能性があると答えた。\n\n"
    "一方、ウクライナのゼレンスキー大統領は、二次関税と停戦をめぐる首脳会談を求めた。   日本政府は影響を調べるとしている。"
    + "その後も会談が続いた。"
    * 20
)


def words(made):
    return [made.text[first:last] for first, last in made.highlights]


def test_the_best_place_holds_most_words():
    spans = [span for term in ("トランプ", "二次関税", "停戦") for span in find_term(STORY, term)]
    made = snippet(STORY, spans, width=60)
    assert made.text == (
        "…一方、ウクライナのゼレンスキー大統領は、二次関税と停戦をめぐる首脳会談を求めた。日本政府は影響を調べるとしている。"
    )
    assert words(made) == ["二次関税", "停戦"]


def test_whole_sentences_are_worth_a_word():
    filler = "会談は三時間に及び、両首脳は会見で質問に答えなかった。" * 5
    text = filler + "外相はNATOへの加盟を求めた。" + "首相も同じ考えを示した。" * 2 + "NATOは慎重だ。" + filler
    made = snippet(text, find_term(text, "NATO"), width=60)
    assert made.text == "…外相はNATOへの加盟を求めた。首相も同じ考えを示した。首相も同じ考えを示した。NATOは慎重だ。"
    made = snippet(text, find_term(text, "NATO"), width=40)
    assert made.text == "…外相はNATOへの加盟を求めた。首相も同じ考えを示した。"


def test_initials_and_titles_end_no_sentence():
    text = "It rained. " * 20 + "Mr. J. Smith of the U.S. delegation spoke of tariffs. " + "It rained again. " * 20
    made = snippet(text, find_term(text, "tariffs"), width=70)
    assert made.text == "…Mr. J. Smith of the U.S. delegation spoke of tariffs."


def test_english_is_cut_between_words():
    text = (
        "The president spoke at length of many other things on Monday " * 4 + "and then of tariffs on Russian oil " * 3
    )
    made = snippet(text, find_term(text, "tariffs")[:1], width=60)
    cut = made.text.strip("…")
    assert words(made)[0] == "tariffs"
    assert f" {cut} " in f" {text} "
    assert len(made.text) <= 60


def test_english_is_cut_at_a_word_even_right_after_a_hit():
    text = "Officials from many countries said that they would meet again where a ceasefire line is drawn"
    made = snippet(text, [(0, 9), *find_term(text, "ceasefire")], width=84)
    assert made.text == "Officials from many countries said that they would meet again where a ceasefire…"


def test_a_full_width_full_stop_needs_no_space():
    made = snippet("停戦した。\n\n次は関税だ！　EUは「反対」 Then it rained.\nIt rained.", [(0, 2), (9, 11)])
    assert made.text == "停戦した。次は関税だ！EUは「反対」Then it rained. It rained."
    assert words(made) == ["停戦", "関税"]
    assert highlight("停戦。 次", [(0, 3), (4, 5)]).text == "停戦。次"


def test_a_short_text_stays_whole():
    assert snippet("二次関税を警告", [(0, 4)]) == Snippet(text="二次関税を警告", highlights=((0, 4),))


def test_without_spans_it_is_the_beginning():
    made = snippet(STORY, [], width=40)
    assert made.text.startswith("トランプ大統領は、")
    assert made.text.endswith("と答えた。")
    assert made.highlights == ()


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("NATOは慎重だ。" * 30, "慎重だ。"),
        ("「NATOは慎重だ。」" * 30, "慎重だ。」"),
        ("NATO is wary, it said. " * 30, "said."),
        ('"NATO is wary." ' * 30, 'wary."'),
        ("NATO is wary, said Mr. " * 30, "…"),
        ("NATO、停戦、" * 30, "…"),
    ],
)
def test_behind_a_sentence_that_has_ended_nothing_is_missing(text, end):
    assert snippet(text, [(0, 4)], width=60).text.endswith(end)


def test_white_space_is_single_and_harmful_signs_go():
    made = highlight(" \u202eＮＡＴＯ\x07\n\n首脳\u3000 会議\ud800 ", [(2, 6), (9, 11)])
    assert made == Snippet(text="ＮＡＴＯ 首脳 会議", highlights=((0, 4), (5, 7)))


def test_spans_that_overlap_or_touch_are_one():
    assert highlight("二次関税協議", [(2, 4), (0, 3), (4, 6), (9, 12), (-3, 1)]).highlights == ((0, 6),)


def test_signs_are_not_cut():
    family = "👨\u200d👩\u200d👧"
    made = snippet(family * 30 + "停戦" + "🇺🇦" * 30, [(len(family) * 30, len(family) * 30 + 2)], width=25)
    before, _, after = made.text.strip("…").partition("停戦")
    assert before.replace(family, "") == ""
    assert after.replace("🇺🇦", "") == ""


@pytest.mark.parametrize(
    "sign",
    ["👩🏽\u200d🚒", "1\ufe0f\u20e3", "か\u3099", "ハ\u309a", "ﾊﾟ", "กำ", "ที่", "เก", "葛\U000e0100", "e\u0301\u0323"],
)
def test_no_cut_falls_inside_what_prints_as_one(sign):
    for width in range(12, 40):
        text = sign * 40 + "停戦" + sign * 40
        made = snippet(text, [(len(sign) * 40, len(sign) * 40 + 2)], width=width)
        before, _, after = made.text.strip("…").partition("停戦")
        assert before.replace(sign, "") == after.replace(sign, "") == "", width
        assert words(made) == ["停戦"]


def test_a_highlight_covers_the_marks_of_its_letters():
    text = "バイデン".replace("バ", "ハ\u3099").replace("デ", "テ\u3099")
    made = snippet(f"米国の{text}氏", find_term(f"米国の{text}氏", "バイデン"))
    assert words(made) == [text]


def test_persian_joiners_and_variation_selectors_stay():
    assert highlight("می\u200cخواهم 葛\U000e0100飾 ☎\ufe0f", []).text == "می\u200cخواهم 葛\U000e0100飾 ☎\ufe0f"


def test_a_word_longer_than_the_snippet_is_cut():
    made = snippet("あ" * 300, [(50, 250)], width=30)
    assert len(made.text) <= 30
    assert made.highlights == ((1, 29),)


def test_what_ends_with_the_text_is_not_cut_at_a_clause():
    made = snippet("あ" * 300 + "停戦をめぐる協議は、なお続く", [(300, 302)], width=30)
    assert made.text.endswith("停戦をめぐる協議は、なお続く")
    assert words(made) == ["停戦"]


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x00"])
def test_nothing_gives_nothing(text):
    assert snippet(text, [(0, 1)]).text == highlight(text, [(0, 1)]).text == ""


@given(
    st.text(st.sampled_from("トラ関税。、 \n\tab.\u200b\u202e🇺🇦e\u0301…"), max_size=400),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 8)), max_size=6),
    st.integers(10, 150),
)
@settings(deadline=None)
def test_a_snippet_is_sound(text, starts, width):
    made = snippet(text, [(start, start + length) for start, length in starts], width=width)
    assert len(made.text) <= width
    assert made.text == " ".join(made.text.split())
    assert not set(made.text) & set("\n\t\u200b\u202e")
    edges = [edge for span in made.highlights for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(made.text) for edge in edges)
    assert all(first < last for first, last in made.highlights)


def test_a_huge_text_full_of_hits_is_quick():
    text = "関税 " * 200_000
    made = snippet(text, [(at, at + 2) for at in range(0, len(text), 3)])
    assert len(made.highlights) > 30
