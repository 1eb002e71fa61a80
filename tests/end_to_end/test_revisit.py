"""A page that cannot be had and then can: nothing is told that its body speaks against, and all else once."""

import signal

import pytest
from end_to_end.bureau import HURRIED, until
from website import Answer

pytestmark = pytest.mark.slow

SOON = 10.0
RULE = """
rules:
  - name: 二次関税
    any: 二次関税
    none: [映画]
    when_body_missing: hold
    notify: crisis
"""


@pytest.fixture
def daemon(bureau):
    bureau.settings = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "1s"\n'
    bureau.fetch = 'every = "1s"\n'
    bureau.rule("first.yaml", RULE)
    bureau.publish(film="二次関税の話題作", trade="米、二次関税を警告", never="二次関税、再び")
    pages = {name: bureau.site.pages[f"/a/{name}"] for name in ("film", "trade", "never")}
    for name in pages:
        bureau.site.pages[f"/a/{name}"] = Answer(b"", 503)
    running = bureau.start("run", program=HURRIED)
    running.says("event=polled")
    return running, pages


def test_what_is_held_for_its_body_is_told_once_or_never(bureau, daemon):
    running, pages = daemon
    assert bureau.rows("select telling, count(*) from tellings group by telling") == [("held", 3)]
    body = "晴れるでしょう。" * 30
    film = (
        f"<html lang=ja><meta charset=utf-8><article><h1>二次関税の話題作</h1><p>映画の話。{body}</p></article></html>"
    )
    bureau.site.pages["/a/film"] = Answer(film.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    bureau.site.pages["/a/trade"] = pages["trade"]
    running.says("outcome=given_up")
    until(lambda: len(bureau.told("pr-crisis")) == 2)
    assert running.end(signal.SIGTERM, SOON).code == 0
    assert bureau.told("pr-crisis") == {bureau.url("trade"): 1, bureau.url("never"): 1}
    assert bureau.rows("select telling, count(*) from tellings group by telling order by telling") == [
        ("promised", 2),
        ("skipped", 1),
    ]
    told = "".join(message["text"] for message in bureau.slack.messages("pr-crisis"))
    assert told.count("page not readable") == 1
