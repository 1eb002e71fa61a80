"""Text for regular expressions: one width, nothing invisible, and the way back."""

import pytest

from monitor.text.plain import plain


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("ＮＡＴＯは", "NATOは"),
        ("ｶﾞｿﾘﾝ価格", "ガソリン価格"),
        ("か\u3099", "が"),
        ("cafe\u0301", "café"),
        ("㈱トヨタ", "(株)トヨタ"),
        ("関\u200b税\xad", "関税"),
        ("葛\U000e0100城", "葛城"),
        ("二次\n関税", "二次関税"),
        ("a\tb　 c", "a b c"),
        ("一\n \n二", "一\n\n二"),
        ("\x00a\x0eb", "ab"),
        ("\u1112\u1161\u11ab", "한"),
        ("髙市―ヴァ・ー", "髙市―ヴァ・ー"),
        ("NATO Us", "NATO Us"),
        ("", ""),
    ],
)
def test_what_an_expression_reads(printed, read):
    assert plain(printed).text == read


def test_full_and_half_width_can_be_kept_apart():
    assert plain("ＮＡＴＯ　か\u3099", width=False).text == "ＮＡＴＯ が"


@pytest.mark.parametrize(
    ("printed", "read", "stands"),
    [
        ("x ＮＡＴＯ y", "NATO", "ＮＡＴＯ"),
        ("ｶﾞｿﾘﾝとｶﾞｽ", "ガス", "ｶﾞｽ"),
        ("の㈱ト", "株", "㈱"),
        ("第二次\n関税を", "二次関税", "二次\n関税"),
        ("関\u200b税。か\u3099", "が", "か\u3099"),
    ],
)
def test_places_lead_back_to_what_is_printed(printed, read, stands):
    folded = plain(printed)
    start, end = folded.span(at := folded.text.find(read), at + len(read))
    assert printed[start:end] == stands
