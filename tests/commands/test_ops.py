"""What the operator is told when there is no Slack token: it is printed, once."""

from website import Answer


def test_without_a_token_the_operator_reads_it_in_the_terminal(newsroom):
    newsroom.settings = '[ops]\nslack = "#monitor-ops"\n'
    newsroom.site.pages["/feed.xml"] = Answer(b"", 410)
    _, out, _ = newsroom.run("run", "--once")
    assert out.startswith("情報源 1 件を読み取れません\n• 127.0.0.1: ")
    assert "410" in out
    _, out, _ = newsroom.run("run", "--once")
    assert out == ""


def test_without_an_ops_channel_nothing_is_printed(newsroom):
    newsroom.site.pages["/feed.xml"] = Answer(b"", 410)
    _, out, _ = newsroom.run("run", "--once")
    assert out == ""


def test_the_first_digest_says_hello_whatever_the_operator_was_told_before(newsroom):
    newsroom.settings = '[ops]\nslack = "#monitor-ops"\n'
    newsroom.sources.append(f"{newsroom.site.url}/gone.xml")
    newsroom.site.pages["/gone.xml"] = Answer(b"", 410)
    _, out, _ = newsroom.run("run", "--once")
    assert "はじめまして" not in out
    _, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert "はじめまして" in out
