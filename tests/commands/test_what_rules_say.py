"""`threshold`, `throttle` and `when_body_missing`, from the rule file to the terminal."""

import json

from website import Answer


def states(newsroom):
    return json.loads(newsroom.run("status", "--json")[1])["matches"]


def test_below_its_threshold_a_rule_tells_nothing(newsroom):
    newsroom.rule("first.yaml", "- name: 関税\n  any: [関税]\n  threshold: {stories: 3, within: 6h}\n")
    newsroom.articles("米、関税を警告", "欧州、関税に反発")
    _, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert out == ""
    assert states(newsroom) == {"gathering": 2}
    assert "しきい値待ち 2" in newsroom.run("status")[1]


def test_at_its_threshold_it_tells_all_of_it(newsroom):
    newsroom.rule("first.yaml", "- name: 関税\n  any: [関税]\n  threshold: {stories: 2, within: 6h}\n")
    newsroom.articles("米、関税を警告", "欧州、関税に反発")
    _, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert "米、関税を警告" in out
    assert "欧州、関税に反発" in out
    assert states(newsroom) == {"promised": 2}


def test_a_throttled_rule_lists_the_rest(newsroom):
    newsroom.rule("first.yaml", "- name: 関税\n  any: [関税]\n  throttle: {max: 1, per: 1d}\n")
    newsroom.articles("米、関税を警告", "欧州、関税に反発", "中国、関税を発動")
    _, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert "ほか2件" in out
    assert out.count("  • ") == 2
    assert states(newsroom) == {"promised": 3}


def test_a_rule_that_skips_or_holds_does_not_tell_without_the_body(newsroom):
    rule = "- name: {0}\n  any: [関税]\n  none: [世論調査]\n  when_body_missing: {0}\n"
    newsroom.rule("first.yaml", "".join(rule.format(way) for way in ("tell", "hold", "skip")))
    newsroom.articles("米、関税を警告")
    newsroom.site.pages = {
        path: page if path.endswith("xml") else Answer(b"", status=403) for path, page in newsroom.site.pages.items()
    }
    _, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert "■ tell" in out
    assert "本文未取得" in out
    assert "hold" not in out
    assert states(newsroom) == {"promised": 1, "held": 1, "skipped": 1}
    assert "本文待ち 1" in newsroom.run("status")[1]
