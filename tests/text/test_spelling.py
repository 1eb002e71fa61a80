import pytest

from monitor.text.letters import Layer
from monitor.text.spelling import layers_of, plain_fold, same_spelling


@pytest.mark.parametrize(
    ("printed", "term", "layers"),
    [
        ("トランプ", "トランプ", ()),
        ("ＮＡＴＯ", "NATO", (Layer.WIDTH,)),
        ("nato", "NATO", (Layer.CASE,)),
        ("Ｎａｔｏ", "NATO", (Layer.CASE, Layer.WIDTH)),
        ("デ―タ", "データ", (Layer.DASHES,)),
        ("ドナルドトランプ", "ドナルド・トランプ", (Layer.DOTS,)),
        ("髙市", "高市", (Layer.VARIANTS,)),
        ("ヴァンス", "バンス", (Layer.VARIANTS,)),
        ("サーバー", "サーバ", ()),
    ],
)
def test_layers_that_a_hit_rests_on(printed, term, layers):
    assert layers_of(printed, term) == layers


@pytest.mark.parametrize(
    ("printed", "term", "without", "same"),
    [
        ("髙市", "高市", {Layer.VARIANTS}, False),
        ("髙市", "髙市", {Layer.VARIANTS}, True),
        ("ﾄﾗﾝﾌﾟ", "トランプ", {Layer.WIDTH}, False),
        ("プ", "プ", {Layer.WIDTH}, True),
        ("ウク\u200bライナ", "ウクライナ", set(Layer), True),
        ("ジョー・バイデン", "ジョー・バイデン", {Layer.DOTS}, True),
        ("ジョー＝バイデン", "ジョー・バイデン", {Layer.DOTS}, False),
        ("COVID–19", "COVID-19", {Layer.DASHES}, False),
    ],
)
def test_a_rule_may_leave_layers_out(printed, term, without, same):
    assert same_spelling(printed, term, without) is same


def test_plain_fold_keeps_what_is_left_out():
    assert plain_fold("ＮＡＴＯ＝髙", {Layer.WIDTH}) == "ｎａｔｏ＝高"
    assert plain_fold("Ａ", {Layer.CASE}) == "A"
