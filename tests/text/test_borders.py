import pytest

from monitor.messages import LANGUAGES, say
from monitor.text.borders import Reason, WordBorders, stands
from monitor.text.find import find_term
from monitor.text.fold import fold, fold_term
from monitor.text.words import Word


def judge(text, term, **how):
    folded = fold(text)
    form = fold_term(term)
    start = folded.text.index(form)
    how = {"boundary": "auto", "open_end": False} | how
    return stands(folded, start, start + len(form), words=WordBorders(folded.spelled), **how)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        # The interface, one by one.
        ("ソニーグループ", "ソニー"),
        ("京都市長が会見", "京都"),
        ("中国共産党", "中国"),
        ("日本とNATOが", "NATO"),
        ("EU27カ国", "EU"),
        ("トランプ大統領", "トランプ"),
        ("米NATO大使", "NATO"),
        ("ウク\u200bライナ", "ウクライナ"),
        ("トランプノミクス", "トランプ"),
        ("サーバー障害", "サーバ"),
        ("サーバ障害", "サーバー"),
        # Borders that are printed.
        ("東京、京都、大阪", "京都"),
        ("ドナルド・トランプ氏", "トランプ"),
        ("ドナルド＝トランプ氏", "トランプ"),
        ("ロシア―ウクライナ", "ロシア"),
        ("ロシア－ウクライナ", "ウクライナ"),
        ("シリア\nイラン", "シリア"),
        ("＃ウクライナ支援", "ウクライナ"),
        ("F35戦闘機", "F35戦闘機"),
        ("次世代5G通信", "5G"),
        ("生成AIの規制", "AI"),
        ("China's economy", "China"),
        ("米国のU.S.-China関係", "U.S."),
        # Words inside compounds.
        ("全日本空輸", "日本"),
        ("第二次関税協議", "二次関税"),
        ("トヨタ自動車", "トヨタ"),
        ("デ―タセンター", "データ"),
        ("日米首脳会談", "首脳会談"),
        ("安倍晋三元首相", "首相"),
        # A point of the compass before a place.
        ("北朝鮮がミサイル発射", "朝鮮"),
        ("東大阪市", "大阪"),
        # Counters, and readings in the middle of a name.
        ("約3ヶ月間", "3カ月"),
        ("10か国語", "カ国語"),
        ("3カ国語", "か国語"),
        ("習近平（しゅうきんぺい）国家主席", "習近平国家主席"),
        ("習近平（しゅうきんぺい）国家主席", "しゅうきんぺい"),
        ("習近平（しゅうきんぺい）国家主席", "国家主席"),
        # Other scripts.
        ("북한이 미사일을 발사", "북한"),
        ("미국인들의 생각", "미국"),
        ("ข่าวประเทศไทยวันนี้", "ประเทศไทย"),
        ("法轮功学员", "法輪功"),
        ("蔡英文总统", "蔡英文"),
        ("سوريا، لبنان", "سوريا"),
        ("☎\ufe0f110番", "☎"),
        ("🇺🇦🇦🇺", "🇺🇦"),
    ],
)
def test_a_word_of_its_own_counts(text, term):
    assert find_term(text, term)


@pytest.mark.parametrize(
    ("text", "term", "reason", "inside"),
    [
        ("SENATORは", "NATO", Reason.LETTERS, "SENATOR"),
        ("ＳＥＮＡＴＯＲは", "NATO", Reason.LETTERS, "ＳＥＮＡＴＯＲ"),
        ("NEURAL networks", "EU", Reason.LETTERS, "NEURAL"),
        ("25GBの容量", "5G", Reason.DIGITS, None),
        ("25Gの容量", "5G", Reason.DIGITS, "25G"),
        ("2.5%増", "5%", Reason.DIGITS, None),
        ("U.S.S.R.", "U.S.", Reason.LETTERS, None),
        ("インドネシア大統領", "インド", Reason.WORD, "インドネシア"),
        ("ｲﾝﾄﾞﾈｼｱ大統領", "インド", Reason.WORD, "ｲﾝﾄﾞﾈｼｱ"),
        ("プロシア", "ロシア", Reason.WORD, "プロシア"),
        ("東京都知事選", "京都", Reason.WORD, "東京都"),
        ("外国人参政権", "人参", Reason.WORD, "人参政"),
        ("大和田獏さん", "和田", Reason.WORD, "大和田"),
        ("アイスランドの火山", "アイス", Reason.WORD, "アイスランド"),
        ("パリパリの皮", "パリ", Reason.WORD, "パリパリ"),
        ("マリウポリ陥落", "マリ", Reason.UNKNOWN_WORD, "マリウポリ"),
        ("東京の冬", "京", Reason.WORD, "東京"),
        ("本日\n本会議", "日本", Reason.WORD, None),
        ("コロンビア・ルクセンブルク", "アルク", Reason.WORD, None),
        ("인도네시아 대통령", "인도", Reason.LETTERS, "인도네시아"),
        ("탈북한 사람", "북한", Reason.LETTERS, "탈북한"),
        ("🇦🇺🇦🇪", "🇺🇦", Reason.SIGN, None),
        ("👨\u200d👩\u200d👧の家族", "👩", Reason.SIGN, None),
        ("x\u0301y", "x", Reason.SIGN, None),
        ("x\u0301 y", "x", Reason.SIGN, None),
        ("ビルー", "ビル", Reason.UNKNOWN_WORD, None),
        ("เกาะ", "เกา", Reason.SIGN, None),
    ],
)
def test_a_part_of_something_else_does_not_count(text, term, reason, inside):
    standing = judge(text, term)
    assert (standing.counts, standing.reason) == (False, reason)
    assert inside is None or inside in standing.inside
    assert standing.inside in text


def test_every_occurrence_is_judged_by_itself():
    assert find_term("インドネシアとインド", "インド") == [(7, 10)]


@pytest.mark.parametrize(
    ("text", "term", "boundary", "counts"),
    [
        ("インドネシア", "インド", "part", True),
        ("SENATOR", "NATO", "part", True),
        ("25GB", "5G", "part", True),
        ("NATO\u200bland", "NATO", "auto", False),
        ("NATO" + "\u200b" * 50 + "land", "NATO", "auto", False),
        ("NATO" + "\u200b" * 50 + "加盟", "NATO", "auto", True),
        ("NATO" + "\u200b" * 50, "NATO", "auto", True),
        ("エポック・タイムズ紙", "エポックタイムズ", "part", True),
        ("コロンビア・ルクセンブルク", "アルク", "part", False),
        ("本日\n本会議", "日本", "part", False),
        ("🇦🇺🇦🇪", "🇺🇦", "part", False),
        ("トランプノミクス", "トランプ", "whole", False),
        ("トランプ大統領", "トランプ", "whole", True),
        ("白いTシャツを", "シャツ", "whole", False),
        ("白いTシャツを", "シャツ", "auto", True),
        ("北朝鮮", "朝鮮", "whole", False),
        ("ロシア―ウクライナ", "ロシア", "whole", True),
        ("US0\ud800", "us", "whole", True),
    ],
)
def test_boundary(text, term, boundary, counts):
    assert bool(find_term(text, term, boundary=boundary)) is counts


@pytest.mark.parametrize(
    ("text", "term", "counts"),
    [
        ("toy recalls", "recall*", True),
        ("precalls", "recall*", False),
        ("トランプノミクス", "トランプ*", True),
        ("インドネシア", "インド*", True),
        ("プロシア人", "ロシア*", False),
        ("🇺🇦🇦🇪", "🇺🇦*", True),
        ("25GB", "25G*", True),
    ],
)
def test_open_end_frees_the_right_edge_only(text, term, counts):
    assert bool(find_term(text, term)) is counts


@pytest.mark.parametrize(
    ("text", "term", "case", "counts"),
    [
        ("This is a test", "IS", "auto", False),
        ("「IS」の残党", "IS", "auto", True),
        ("「ＩＳ」の残党", "IS", "auto", True),
        ("who said", "WHO", "auto", False),
        ("who said", "ＷＨＯ", "auto", False),
        ("US officials", "US", "auto", True),
        ("U.S. officials", "US", "auto", True),
        ("tell us.", "US", "auto", False),
        ("u.s. officials", "US", "auto", False),
        ("nato said", "NATO", "auto", True),
        ("It is", "It", "auto", True),
        ("it is", "IT", "fold", True),
        ("Apple", "apple", "exact", False),
        ("apple", "apple", "exact", True),
        ("ａｐｐｌｅ", "apple", "exact", True),
        ("サーバー", "サーバ", "exact", True),
        ("ドナルド＝トランプ", "ドナルド・トランプ", "exact", True),
    ],
)
def test_case(text, term, case, counts):
    assert bool(find_term(text, term, case=case)) is counts


def test_hits_are_reported_as_printed():
    text = "ｾﾞﾚﾝｽｷｰ氏、ゼレンスキー・ウォロディミル"
    assert [text[first:last] for first, last in find_term(text, "ゼレンスキー")] == ["ｾﾞﾚﾝｽｷｰ", "ゼレンスキー"]


def test_words_of_a_text():
    words = WordBorders("東京都。大和田さん")
    assert words.crossing(1) == Word(0, 2, known=True)
    assert words.crossing(5) == Word(4, 7, known=True)
    assert [at for at in range(10) if words.crossing(at) is None] == [0, 2, 3, 4, 7, 9]


@pytest.mark.parametrize("text", ["", "。", "\n\n", "あ" * 3000, "東京、" * 1000, "\ud800京都", "a" * 100_000])
def test_words_of_odd_texts(text):
    words = WordBorders(text)
    assert all(words.crossing(at) is None or 0 < at < len(text) for at in range(0, min(len(text), 3000) + 1, 7))


def test_long_sentences_are_read_whole():
    text = "彼は東京都で" * 200
    words = WordBorders(text)
    assert all(words.crossing(at + 3) == Word(at + 2, at + 4, known=True) for at in range(0, 300, 6))


def test_every_reason_against_a_hit_has_its_sentence():
    sentences = [
        say(f"text.{reason}", language, inside="東京都")
        for reason in Reason
        for language in LANGUAGES
        if reason is not Reason.STANDS
    ]
    assert len(set(sentences)) == len(sentences) == 10


@pytest.mark.parametrize("text", ["a" * 30_000, "🇺🇦" * 10_000, "トランプ" * 3_000])
def test_a_text_of_nothing_but_hits_costs_no_quadratic_time(text):
    folded = fold(text)
    words = WordBorders(folded.spelled)
    how = {"boundary": "auto", "open_end": False, "words": words}
    assert all(stands(folded, at, at + 4, **how).reason for at in range(0, len(folded.text) - 4, 4))
