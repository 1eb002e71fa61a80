"""A round against a hostile web: what is good is told, what is bad is named, and nothing costs much."""

import threading
import time
from pathlib import Path

import pytest
from end_to_end.bureau import feed_answer
from end_to_end.hostile_web import HostileWeb

MEGABYTES = 150
SECONDS = 60
#: Attack -> words of the sentence in which its source is named.
SAID = {
    "bomb": "is larger than 2000000 bytes",
    "endless": "is larger than 2000000 bytes",
    "drip": "did not answer in full within 4 seconds",
    "silent": "did not answer in full within 4 seconds",
    "boast": "is larger than 2000000 bytes",
    "header": "broke off or is damaged",
    "attributes": "took more than 5 s",
    "depth": "took more than 5 s",
    "html": "is no feed but an HTML page",
    "path": "is no feed but plain text",
    "noise": "is no feed but binary data",
    "missing": "no page at",
    "fault": "a fault of its own (HTTP 500)",
    "gone": "was removed for good (HTTP 410)",
    "inside": "leads to 10.1.2.3, which is not an address of the public internet",
    "metadata": "leads to 169.254.169.254, which is not an address of the public internet",
    "file": "redirects to file:///etc/passwd, which is not a web address",
    "ring": "redirects more than 5 times",
    "unreachable": "its server refuses or cannot be reached",
}
#: Attacks that a page of an article makes; the article is then told by its headline.
ON_PAGES = ("bomb", "endless", "drip", "attributes", "inside", "missing", "laughs", "depth", "noise")


@pytest.fixture
def web():
    web = HostileWeb()
    yield web
    web.close()


class Weight:
    """The most memory that a process held, in MB, measured while it lives."""

    def __init__(self, pid):
        self.most = 0.0
        self._status = Path(f"/proc/{pid}/status")
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        while True:
            try:
                lines = self._status.read_text().splitlines()
            except OSError:
                return
            self.most = max([self.most, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))])
            time.sleep(0.05)


@pytest.mark.fault(55, 57)
@pytest.mark.slow
def test_the_good_are_told_and_the_bad_are_named(bureau, web):
    bureau.fetch = 'timeout = "4s"\nmax_bytes = "2MB"\nper_host = 50\n'
    bureau.publish(tariff="米、二次関税を警告")
    bad_pages = {attack: f"二次関税、{attack}" for attack in ON_PAGES}
    answer = feed_answer(bureau.site.url, bad_pages)
    for attack in ON_PAGES:
        answer.body = answer.body.replace(f"{bureau.site.url}/a/{attack}".encode(), web.address(attack).encode())
    bureau.site.pages["/pages.xml"] = answer
    for attack in SAID:
        url = "http://127.0.0.1:1/feed.xml" if attack == "unreachable" else web.address(attack)
        bureau.source(attack, url, name=f"the {attack} daily")
    # Its entities grow to 2 GB for whoever resolves them; left as they are they harm nobody.
    bureau.source("laughs", web.address("laughs"), name="laughs")
    bureau.source("pages", f"{bureau.site.url}/pages.xml", name="good feed, bad pages")
    running = bureau.start("run", "--once", "--deliver-now")
    weight = Weight(running.pid)
    ended = running.wait(SECONDS)
    assert ended.code == 1
    lines = [line.partition(" daily: ") for line in ended.err.splitlines()]
    named = {name.removeprefix("the "): sentence for name, daily, sentence in lines if daily}
    assert {attack: words for attack, words in SAID.items() if words not in named.get(attack, "")} == {}
    assert set(named) == set(SAID), ended.err
    assert f"{len(SAID) + 3} sources polled" in ended.err
    assert f"{len(SAID)} failed" in ended.err
    assert bureau.told("news") == {bureau.url("tariff"): 1} | {web.address(attack): 1 for attack in ON_PAGES}
    [(length,)] = bureau.rows("select max(length(title) + length(text)) from articles where source_id = 'laughs'")
    assert length < 100
    assert 0 < weight.most < MEGABYTES
    running.leaves_nothing()
