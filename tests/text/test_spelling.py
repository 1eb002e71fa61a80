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
        ("ドナルド＝トランプ", "ドナルド・トランプ", (Layer.DOTS,)),
        ("3ヶ月", "3カ月", (Layer.VARIANTS,)),
        ("ヶ国", "カ国", (Layer.VARIANTS,)),
        ("関ヶ原", "関ケ原", (Layer.VARIANTS,)),
        ("髙市(たかいち)早苗", "髙市早苗", (Layer.VARIANTS,)),
        ("髙市（たかいち）早苗", "髙市早苗", (Layer.VARIANTS,)),
        ("ヶ国", "ヶ国", ()),
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
        ("3ヶ月", "3カ月", {Layer.VARIANTS}, False),
        ("か国語", "カ国語", {Layer.VARIANTS}, False),
        ("カ国語", "か国語", set(), True),
        ("習近平（しゅうきんぺい）主席", "習近平主席", {Layer.VARIANTS}, False),
        ("習近平（しゅうきんぺい）主席", "習近平（しゅうきんぺい）主席", {Layer.VARIANTS}, True),
    ],
)
def test_a_rule_may_leave_layers_out(printed, term, without, same):
    assert same_spelling(printed, term, without) is same


def test_plain_fold_keeps_what_is_left_out():
    assert plain_fold("ＮＡＴＯ＝髙", {Layer.WIDTH}) == "ｎａｔｏ＝高"
    assert plain_fold("Ａ", {Layer.CASE}) == "A"
