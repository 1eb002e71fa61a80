"""Whatever a digest holds, its messages are ones that Slack takes, tell each story once and mention nobody but whom rules name."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW
from digests import HOSTILE, HOSTILE_URLS, TOKYO, make_digest, make_digest_entry, make_section
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_limits import refusal

from monitor.model import Digest, DigestEntry, DigestSection, Outlet, Snippet, TextFrom
from monitor.sinks.slack.packing import LARGEST, Size
from monitor.sinks.slack.render import marked_as_repeat, render

MENTIONS = ("@here", "@channel", "@everyone", "U012AB3CD", "@U012AB3CD", "S012AB3CD", "@pr-duty", "<!channel>")
#: All that Slack acts on in `text`: links and dates. Mentions are looked for on their own.
OURS = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|]+>|<https?://[^<>|\s]+\|[^<>|]+>")
MENTIONING = re.compile(r"<!(?:here|channel|everyone|subteam\^\w+)>|<@\w+>")
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

words = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.text(st.characters(categories=("Mn", "Me", "Cf", "Cc", "Cs", "Co", "So", "Zs")), max_size=200),
    st.text("<>&|*_~`@#!\"'\\/:. 税", max_size=400),
    st.integers(1, 4000).map("報".__mul__),
)
urls = st.one_of(
    st.integers().map("https://news.example/{}?a=1&b=2".format),
    st.sampled_from(HOSTILE_URLS),
    st.text(max_size=30).map("https://news.example/".__add__),
    st.integers(0, 1290).map(lambda length: "https://a.jp/" + "&u" * (length // 6) + "記" * (length // 3)),
)
moments = st.one_of(
    st.integers(-3_000_000_000, 5_000_000_000).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    st.just(NOW),
)


@st.composite
def snippets(draw: st.DrawFn) -> Snippet:
    text = draw(words)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=40)))
    return Snippet(text=text, highlights=tuple(zip(edges[::2], edges[1::2], strict=False)))


outlets = st.builds(lambda name, url: Outlet(name=name, url=url), words, urls)
told = st.fixed_dictionaries(
    {
        "url": urls,
        "outlet": words,
        "at": moments,
        "dated": st.booleans(),
        "snippet": st.none() | snippets(),
        "also_rules": st.lists(st.tuples(words, st.none() | snippets()), max_size=14).map(tuple),
        "also_outlets": st.lists(outlets, max_size=14).map(tuple),
        "body_missing": st.booleans(),
        "text_from": st.sampled_from(TextFrom),
    }
)


def marker(number: int) -> str:
    return f"第{number:04}号"


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    kinds = draw(st.lists(st.tuples(told, words), min_size=1, max_size=5))
    counts = draw(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), min_size=1, max_size=4))
    numbers = iter(range(10_000))

    def entries(count: int) -> tuple[DigestEntry, ...]:
        return tuple(entry(number) for number in (next(numbers) for _ in range(count)))

    def entry(number: int) -> DigestEntry:
        facts, title = kinds[number % len(kinds)]
        return make_digest_entry(number, title=Snippet(text=marker(number) + title), **facts)

    sections = [
        DigestSection(
            rule_id=str(number), rule_name=draw(words), entries=entries(full), more=entries(more), breaking=not number
        )
        for number, (full, more) in enumerate(counts)
        if full or more
    ]
    return make_digest(
        *(sections or [make_section(entry(0))]),
        channel=draw(words),
        period=draw(st.sampled_from(["now/x/1", "breaking/x/1", "digest/x/1"])),
        mentions=draw(st.lists(st.sampled_from(MENTIONS) | words, max_size=30).map(tuple)),
        hello=draw(st.sampled_from([None, (3, 2, None), (10**6, 10**6, NOW)])),
        late_for_at=draw(st.sampled_from([None, NOW])),
    )


def elements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from elements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from elements(inner)


def shown(message: dict[str, Any]) -> list[str]:
    """The numbers of the stories, as the blocks tell them."""
    return [
        found[1]
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for element in elements(block)
        if isinstance(element.get("text"), str) and (found := re.match(r"第(\d{4})号", element["text"]))
    ]


def assert_taken(message: dict[str, Any]) -> None:
    assert refusal(message) is None
    assert len(message["text"]) <= LARGEST.line
    assert len(json.dumps(message["blocks"], ensure_ascii=False).encode()) <= LARGEST.json
    assert (message["parse"], message["unfurl_links"], message["unfurl_media"]) == ("none", False, False)
    assert "link_names" not in message
    for element in elements(message["blocks"]):
        assert element.get("type") != "mrkdwn"
        assert "url" not in element or re.match(r"https?://[^\s<>|\"]+\Z", element["url"], re.IGNORECASE)
        assert not isinstance(element.get("text"), str) or element["text"] != ""
    assert not CONTROLS.search(json.dumps(message, ensure_ascii=False))


ANY = given(digest=digests(), language=st.sampled_from(["ja", "en"]), threaded=st.booleans())
UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@ANY
@settings(max_examples=25, deadline=None, suppress_health_check=UNHURRIED)
def test_any_digest(digest, language, threaded):
    assert_told(digest, language, threaded=threaded)


@pytest.mark.slow
@ANY
@settings(max_examples=300, deadline=None, suppress_health_check=UNHURRIED)
def test_any_of_many_digests(digest, language, threaded):
    assert_told(digest, language, threaded=threaded)


def assert_told(digest: Digest, language: str, *, threaded: bool) -> None:
    messages = [json.loads(one) for one in render(digest, language=language, zone=TOKYO, threaded=threaded)]
    for message in messages:
        assert_taken(message)
        assert_taken(marked_as_repeat(message, "f" * 64, language))
        foreign = OURS.sub("", MENTIONING.sub("", message["text"]))
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", foreign)
        assert not re.search(r"[*_~`](?!\u2060)", foreign)
        # What the plain form tells is what the blocks tell.
        assert re.findall(r"第(\d{4})号", message["text"]) == shown(message)
    in_full = [entry.title.text[1:5] for section in digest.sections for entry in section.entries]
    listed = [entry.title.text[1:5] for section in digest.sections for entry in section.more]
    assert [number for message in messages for number in shown(message)] == [*in_full, *listed]
    assert_mentions_once(digest, messages)


def assert_mentions_once(digest: Digest, messages: list[dict[str, Any]]) -> None:
    first, *others = messages
    real = {one.lstrip("@") for one in digest.mentions[:20] if one in MENTIONS} - {"pr-duty", "<!channel>"}
    named = [
        element.get("range") or element.get("user_id") or element.get("usergroup_id")
        for element in elements(first["blocks"])
        if element.get("type") in ("broadcast", "user", "usergroup")
    ]
    assert len(named) == len(set(named)) == len(MENTIONING.findall(first["text"]))
    assert real <= set(named) <= {one.lstrip("@") for one in MENTIONS}
    for message in others:
        assert not MENTIONING.search(message["text"])
        assert not [one for one in elements(message["blocks"]) if one.get("type") in ("broadcast", "user", "usergroup")]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_each_hostile_word_everywhere(number):
    word = HOSTILE[number]
    snippet = Snippet(text=word, highlights=((0, len(word) // 2), (len(word) // 2, len(word))) if word else ())
    entry = make_digest_entry(
        title=Snippet(text=marker(1) + word),
        outlet=word,
        snippet=snippet,
        also_rules=((word, snippet),) * 20,
        also_outlets=tuple(Outlet(name=word, url=url) for url in HOSTILE_URLS),
    )
    section = DigestSection(rule_id="r", rule_name=word, entries=(entry,) * 3, more=(entry,) * 3, breaking=True)
    for payload in render(make_digest(section, channel=word, mentions=(word,)), language="ja", zone=TOKYO):
        message = json.loads(payload)
        assert_taken(message)
        assert not MENTIONING.search(message["text"])
        # Marks that pile up are cut down, so that no line covers its neighbours.
        assert not re.search(r"[\u0300-\u036f\u20d0-\u20ff\u200c\u200d\ufe0e\ufe0f]{5}", message["text"])


def test_work_grows_with_the_number_of_stories(monkeypatch):
    added = 0

    def counted(one: Size, other: Size) -> Size:
        nonlocal added
        added += 1
        return plus(one, other)

    plus = Size.__add__
    monkeypatch.setattr(Size, "__add__", counted)
    sums = []
    for count in (40, 400):
        added = 0
        render(
            make_digest(make_section(*(make_digest_entry(number) for number in range(count)))),
            language="ja",
            zone=TOKYO,
        )
        sums.append(added)
    assert 0 < sums[1] < 12 * sums[0]
