"""Terms in longer words of the archive: what was skipped, how often, in what."""

from builders import make_article

from monitor.rules.compounds import CompoundCount
from monitor.rules.matcher import compile_rules


def counted(load, rules, *texts, least=1):
    matcher = compile_rules(load(rules).rules)
    count = CompoundCount.of(matcher)
    for text in texts:
        count.add(matcher.look(make_article(title="", text=text)))
    return [(one.term, one.count, dict(one.inside)) for one in count.compounds(least=least)]


def test_longer_words_are_counted_most_first(load):
    assert counted(
        load,
        "- インド\n- NATO\n",
        "インドネシアとインド。SENATORが来日",
        "インドネシアで総選挙。インドネシアの大統領",
        "ｲﾝﾄﾞ洋の演習",
    ) == [("インド", 3, {"インドネシア": 3}), ("NATO", 1, {"SENATOR": 1})]


def test_what_an_editor_has_excepted_is_not_counted(load):
    rules = "- {name: x, any: [中国], unless_part_of: [中国電力]}\n- {name: y, any: US}\n"
    assert counted(load, rules, "中国電力の発表。us too") == []


def test_a_place_counts_once_however_many_rules_look_for_it(load):
    rules = "- {name: x, any: インド}\n- {name: y, any: [インド, 総選挙]}\n"
    assert counted(load, rules, "インドネシアで総選挙") == [("インド", 1, {"インドネシア": 1})]


def test_another_spelling_that_counts_there_is_no_loss(load):
    assert counted(load, "- サーバ\n", "サーバーを増設") == []


def test_rules_that_are_off_are_left_out(load):
    assert counted(load, "- {name: x, any: インド, enabled: false}\n- EU\n", "インドネシア") == []


def test_few_are_left_out(load):
    assert counted(load, "- インド\n", "インドネシア", least=2) == []


def test_a_long_word_is_cut(load):
    (found,) = counted(load, "- NATO\n", "X" * 50 + "NATO")
    assert [len(word) for word in found[2]] == [40]


def test_places_and_articles_are_counted_apart(load):
    count = CompoundCount.of(matcher := compile_rules(load("- インド\n").rules))
    for text in ("インドネシア、インドネシア、インドネシア", "インドネシア", "天気"):
        count.add(matcher.look(make_article(title="", text=text)))
    (found,) = count.compounds()
    assert (found.count, found.articles) == (4, 2)
