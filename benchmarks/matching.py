"""How fast articles are judged: our matcher beside the searches of `rivals.py`, in one run.

    python benchmarks/matching.py [--rounds 40] [--terms 100 10000 100000]

Three kinds of articles of 2,000 characters: news (see news.py), real pages of the shared corpus where it is present, and
random kanji, in which no word is a word and every hit asks the dictionary about a sentence of nonsense. Prints
microseconds of CPU per article, folding included for us (the rivals get the text already folded). `part` looks for
letters alone, as the rivals do; `auto` is what rules do unless they say otherwise: borders, case, the dictionary. `first`
is the same where no phrase of the article was ever read before, `auto` where all were; a day's news lies between.

Before anything is timed, all rivals' hits are held against each other's and ours and, borders included, against `find_term`, which says
the same in the obvious way. Last: what compiling 100,000 terms in 20,000 rules costs.
"""

import argparse
import json
import os
import random
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import news
from rivals import RIVALS, Search

from monitor.model import Article, Source
from monitor.rules.book import Rule
from monitor.rules.conditions import AnyOf, Word
from monitor.rules.language import Place, Settings, Term
from monitor.rules.matcher import Matcher, compile_rules
from monitor.text.find import find_term
from monitor.text.fold import fold
from monitor.text.words import cut

CORPUS = Path(os.environ.get("MONITOR_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
PLACE = Place(file="benchmark", line=1, column=1)
PART = Settings(boundary="part", case="fold")
SOURCE = Source(id="s", name="s", kind="feed", url="http://127.0.0.1/", every=timedelta(minutes=10))
ARTICLES = 20
#: As many kanji as newspapers use, so that chance makes no words.
KANJI = "".join(map(chr, range(0x4E00, 0x4E00 + 2_000)))
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
HIRAGANA = ("は", "を", "に", "が", "の", "と", "へ", "から", "まで", "による", "について", "している", "した。", "、")
LATIN = "abcdefghijklmnopqrstuvwxyz"


# --- texts and terms --------------------------------------------------------------------------------------------------


def nonsense_word(chance: random.Random) -> str:
    letters = KANJI if chance.random() < 0.6 else KANA
    return "".join(chance.choices(letters, k=chance.randint(3, 8)))


def nonsense_terms(count: int) -> list[str]:
    """Half Japanese, half Latin, each once."""
    chance = random.Random(count)
    words: dict[str, None] = {}
    while len(words) < count:
        latin = "".join(chance.choices(LATIN, k=chance.randint(4, 10))).capitalize()
        words[nonsense_word(chance) if len(words) % 2 else latin] = None
    return list(words)


def nonsense(known: list[str]) -> Article:
    """Full-width digits and spaces, some ten known words."""
    chance = random.Random(known[0])
    pieces: list[str] = []
    while sum(map(len, pieces)) < news.SIZE:
        word = chance.choice(known) if chance.random() < 0.02 else nonsense_word(chance)
        pieces += [word, chance.choice(HIRAGANA)]
        if chance.random() < 0.05:
            pieces.append(chance.choice(("２０２６年", "　", "５０％", "\n\n")))
    return news.article("".join(pieces)[: news.SIZE])


def corpus_articles() -> list[Article]:
    """Japanese bodies of real pages, joined and cut into pieces of 2,000 characters."""
    bodies = []
    for path in sorted(CORPUS.glob("articles/*/*/expected.json")):
        body = json.loads(path.read_text(encoding="utf-8")).get("body") or ""
        if len(re.findall("[ぁ-ん]", body)) > len(body) / 10:
            bodies.append(body)
    whole = "\n\n".join(bodies)
    return [news.article(whole[at : at + news.SIZE]) for at in range(0, len(whole) - news.SIZE + 1, news.SIZE)]


def kinds(count: int) -> Iterator[tuple[str, list[str], list[Article]]]:
    """(name, terms, articles)."""
    yield "news", news.terms(count), news.articles(ARTICLES)
    if real := corpus_articles():
        yield "corpus", news.terms(count), real
    words = nonsense_terms(count)
    yield "random", words, [nonsense(words[number:]) for number in range(ARTICLES)]


def rules_of(terms: list[str], per_rule: int, settings: Settings) -> list[Rule]:
    rules = []
    for order, start in enumerate(range(0, len(terms), per_rule)):
        words = tuple(
            Word(term=Term(written=term, literal=term, open_end=False, place=PLACE), settings=settings)
            for term in terms[start : start + per_rule]
        )
        rules.append(Rule(id=f"r{order}", name=f"r{order}", order=order, condition=AnyOf(parts=words), place=PLACE))
    return rules


# --- ours and the rivals ----------------------------------------------------------------------------------------------


def ours(matcher: Matcher, one: Article) -> set[str]:
    return {found.word.term.literal for hit in matcher.find(one, SOURCE) for found in hit.occurrences}


def compare(part: Matcher, auto: Matcher, searches: dict[str, Search], one: Article) -> None:
    """Raises AssertionError where two of them find something else."""
    text = fold(one.text).text
    found_by = {name: search(text) for name, search in searches.items()}
    letters = found_by["in"]
    assert all(found == letters for found in found_by.values()), f"the rivals disagree: {found_by}"
    for matcher, boundary, case in ((part, "part", "fold"), (auto, "auto", "auto")):
        # An acronym printed with full stops or a name without its last ー is another form of the term.
        found = ours(matcher, one)
        assert all(find_term(one.text, term, boundary=boundary, case=case) for term in found), boundary
        missed = {term for term in letters - found if find_term(one.text, term, boundary=boundary, case=case)}
        assert not missed, (boundary, missed)


def micros(
    work: Callable[..., object], articles: list, rounds: int, before: Callable[[], None] = lambda: None
) -> float:
    """Microseconds of CPU per article, of each the best of `rounds` passes over all of them; `before` is not counted."""
    best = [float("inf")] * len(articles)
    for _ in range(rounds):
        for place, one in enumerate(articles):
            before()
            start = time.process_time()
            work(one)
            best[place] = min(best[place], time.process_time() - start)
    return sum(best) / len(articles) * 1e6


def row(terms: list[str], articles: list[Article], rounds: int) -> tuple[float, list[float], list[float]]:
    """Counted hits per article; microseconds per article of ours (fold alone, part, auto, first) and of each rival."""
    folded = {fold(term).text: term for term in terms}
    texts = [fold(one.text).text for one in articles]
    part = compile_rules(rules_of(terms, 5, PART))
    auto = compile_rules(rules_of(terms, 5, Settings()))
    searches = {name: make(folded) for name, (make, _) in RIVALS.items()}
    few = 3 if len(terms) >= 10_000 else ARTICLES
    for one in articles[:few]:
        compare(part, auto, searches, one)
    slow_rounds = max(1, rounds // max(1, len(terms) // 250))
    counted = sum(len(hit.occurrences) for one in articles for hit in auto.find(one, SOURCE))
    mine = [
        micros(lambda one: fold(one.text), articles, rounds),
        micros(lambda one: part.find(one, SOURCE), articles, rounds),
        micros(lambda one: auto.find(one, SOURCE), articles, rounds),
        micros(lambda one: auto.find(one, SOURCE), articles, rounds, before=cut.cache_clear),
    ]
    theirs = [
        micros(search, texts[:few] if RIVALS[name][1] else texts, slow_rounds if RIVALS[name][1] else rounds)
        for name, search in searches.items()
    ]
    return counted / len(articles), mine, theirs


def compiling() -> tuple[float, float]:
    """(seconds, peak MB of Python's own memory) for 100,000 terms in 20,000 rules."""
    rules = rules_of(news.terms(100_000), 5, Settings())
    start = time.process_time()
    compile_rules(rules)
    seconds = time.process_time() - start
    tracemalloc.start()
    compile_rules(rules)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--terms", type=int, nargs="*", default=[100, 10_000, 100_000])
    wanted = parser.parse_args()
    print("CPU µs per article of 2,000 characters")
    ours_named = " ".join(f"{name:>6}" for name in ("fold", "part", "auto", "first"))
    print(f"{'articles':8} {'terms':>8} {'hits':>5} {ours_named} {' '.join(f'{name:>8}' for name in RIVALS)}")
    for count in wanted.terms:
        for name, terms, articles in kinds(count):
            hits, mine, theirs = row(terms, articles, wanted.rounds)
            times = " ".join(f"{one:>6.0f}" for one in mine)
            print(f"{name:8} {count:>8,} {hits:>5.1f} {times} {' '.join(f'{one:>8,.0f}' for one in theirs)}")
            sys.stdout.flush()
    seconds, peak = compiling()
    print(f"compiling 100,000 terms in 20,000 rules: {seconds:.2f} s CPU, {peak:.0f} MB at its peak (Python's own)")


if __name__ == "__main__":
    main()
