"""A number -> terms such as newsrooms watch, and articles that read like news: what the matcher is measured on.

The articles are the demo's own and the paragraphs of news.toml, in another order each time. The terms are some twenty
that the articles speak of, and names of people, firms, places and bodies made from their usual parts.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from monitor.demo.content import articles as demo_articles
from monitor.model import Article, TextFrom

SIZE = 2_000
PARTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
WORDS = {name: text.split() for name, text in PARTS.items()}


def _person(chance: random.Random) -> str:
    return _one(chance, "surnames") + _one(chance, "given")


def _body(chance: random.Random) -> str:
    place = chance.choice((*WORDS["places"], *WORDS["surnames"]))
    return place + _one(chance, "trades") + chance.choice(("", "", "労組", "会長"))


def _foreign_name(chance: random.Random) -> str:
    first = _one(chance, "syllables") + _one(chance, "endings")
    last = "".join(chance.choices(WORDS["syllables"], k=chance.randint(1, 2))) + _one(chance, "endings")
    return chance.choice((last, f"{first}・{last}"))


def _acronym(chance: random.Random) -> str:
    return "".join(chance.choices("ABCDEFGHIJKLMNOPRSTUW", k=chance.randint(3, 5)))


def _phrase(chance: random.Random) -> str:
    return f"{_one(chance, 'words')} {_one(chance, 'matters')}" + chance.choice(("", "", f" {_one(chance, 'words')}"))


def _one(chance: random.Random, part: str) -> str:
    return chance.choice(WORDS[part])


KINDS = (_person, _body, _foreign_name, _acronym, _phrase)


def terms(count: int) -> list[str]:
    """So many terms, each once; what the articles speak of comes first."""
    chance = random.Random(count)
    found = dict.fromkeys(WORDS["spoken_of"][:count])
    while len(found) < count:
        (kind,) = chance.choices(KINDS, (30, 25, 25, 8, 12))
        found[kind(chance)] = None
    return list(found)


def paragraphs() -> list[str]:
    """Every Japanese paragraph, without tags."""
    demo = demo_articles(datetime(2026, 1, 1, tzinfo=UTC)).values()
    texts = [piece for outlet in demo for one in outlet if one.outlet.language == "ja" for piece in one.paragraphs]
    return PARTS["paragraphs"].splitlines() + [re.sub(r"<(r[tp])>.*?</\1>|<[^>]+>|\n", "", text) for text in texts]


def articles(count: int) -> list[Article]:
    """So many articles of 2,000 characters."""
    chance = random.Random(count)
    return [article("\n\n".join(_enough(chance))[:SIZE]) for _ in range(count)]


def _enough(chance: random.Random) -> Iterator[str]:
    known = paragraphs()
    return islice(chance.sample(known, len(known)), SIZE // 40)


def article(text: str) -> Article:
    """A body without a headline."""
    return Article(
        id="a", url="http://127.0.0.1/a", source_id="s", title="", text=text, text_from=TextFrom.PAGE,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC), story="a",
    )  # fmt: skip
