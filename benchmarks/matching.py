"""How fast articles are judged: our matcher beside a loop of `in` and one `re` alternation, in one run.

    python benchmarks/matching.py [--rounds 40]

Prints microseconds of CPU per article of 2,000 characters (folding included for us; the rivals get the text already
folded), then what compiling 100,000 terms in 20,000 rules costs. Before anything is timed, all three must give the same
hits under `boundary: part`.
"""

import argparse
import random
import re
import sys
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from monitor.model import Article, Source, TextFrom
from monitor.rules.book import Rule
from monitor.rules.conditions import AnyOf, Word
from monitor.rules.language import Place, Settings, Term
from monitor.rules.matcher import Matcher, compile_rules
from monitor.text.fold import fold

PLACE = Place(file="benchmark", line=1, column=1)
PART = Settings(boundary="part", case="fold")
SOURCE = Source(id="s", name="s", kind="feed", url="http://127.0.0.1/", every=timedelta(minutes=10))
#: As many kanji as newspapers use, so that chance makes no words.
KANJI = "".join(map(chr, range(0x4E00, 0x4E00 + 2_000)))
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
HIRAGANA = ("は", "を", "に", "が", "の", "と", "へ", "から", "まで", "による", "について", "している", "した。", "、")
LATIN = "abcdefghijklmnopqrstuvwxyz"


def japanese_word(chance: random.Random) -> str:
    letters = KANJI if chance.random() < 0.6 else KANA
    return "".join(chance.choices(letters, k=chance.randint(3, 8)))


def latin_word(chance: random.Random) -> str:
    return "".join(chance.choices(LATIN, k=chance.randint(4, 10))).capitalize()


def vocabulary(chance: random.Random, size: int) -> list[str]:
    """Half Japanese, half Latin, each once."""
    words: dict[str, None] = {}
    while len(words) < size:
        words[japanese_word(chance) if len(words) % 2 else latin_word(chance)] = None
    return list(words)


def article(chance: random.Random, known: list[str]) -> Article:
    """2,000 characters of Japanese with full-width digits and spaces, some ten known words among them."""
    pieces: list[str] = []
    while sum(map(len, pieces)) < 2_000:
        word = chance.choice(known) if chance.random() < 0.02 else japanese_word(chance)
        pieces += [word, chance.choice(HIRAGANA)]
        if chance.random() < 0.05:
            pieces.append(chance.choice(("２０２６年", "　", "５０％", "\n\n")))
    text = "".join(pieces)[:2_000]
    return Article(
        id="a", url="http://127.0.0.1/a", source_id="s", title="", text=text, text_from=TextFrom.PAGE,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC), story="a",
    )  # fmt: skip


def rules_of(terms: list[str], per_rule: int, settings: Settings) -> list[Rule]:
    rules = []
    for order, start in enumerate(range(0, len(terms), per_rule)):
        words = tuple(
            Word(term=Term(written=term, literal=term, open_end=False, place=PLACE), settings=settings)
            for term in terms[start : start + per_rule]
        )
        rules.append(Rule(id=f"r{order}", name=f"r{order}", order=order, condition=AnyOf(parts=words), place=PLACE))
    return rules


def ours(matcher: Matcher, one: Article) -> set[str]:
    return {found.word.term.literal for hit in matcher.find(one, SOURCE) for found in hit.occurrences}


def by_in(folded: dict[str, str], text: str) -> set[str]:
    return {term for form, term in folded.items() if form in text}


def alternation(folded: dict[str, str]) -> re.Pattern[str]:
    """Longest first; the lookahead lets words overlap, the shorter of two at one place are found by `by_re`."""
    return re.compile("(?=(" + "|".join(map(re.escape, sorted(folded, key=len, reverse=True))) + "))")


def by_re(pattern: re.Pattern[str], folded: dict[str, str], text: str) -> set[str]:
    hits = set()
    for found in pattern.finditer(text):
        longest = found[1]
        hits.update(folded[longest[:end]] for end in range(1, len(longest) + 1) if longest[:end] in folded)
    return hits


def hits_per_article(matcher: Matcher, articles: list[Article]) -> float:
    found = [len(hit.occurrences) for one in articles for hit in matcher.find(one, SOURCE)]
    return sum(found) / len(articles)


def micros(work, articles, rounds: int) -> float:
    """The best of `rounds` passes, per article, in microseconds of CPU."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for one in articles:
            work(one)
        best = min(best, time.process_time() - start)
    return best / len(articles) * 1e6


def row(count: int, rounds: int) -> tuple[float, ...]:
    """Hits per article; microseconds per article: fold alone, ours, ours with borders, `in`, `re`."""
    chance = random.Random(count)
    terms = vocabulary(chance, count)
    articles = [article(chance, terms) for _ in range(20)]
    folded = {fold(term).text: term for term in terms}
    texts = [fold(one.text).text for one in articles]
    part = compile_rules(rules_of(terms, 5, PART))
    auto = compile_rules(rules_of(terms, 5, Settings()))
    pattern = alternation(folded)
    few = 3 if count >= 10_000 else 20
    for one, text in list(zip(articles, texts, strict=True))[:few]:
        assert ours(part, one) == by_in(folded, text) == by_re(pattern, folded, text), "the three disagree"
    slow_rounds = max(1, rounds // max(1, count // 250))
    return (
        hits_per_article(part, articles),
        micros(lambda one: fold(one.text), articles, rounds),
        micros(lambda one: part.find(one, SOURCE), articles, rounds),
        micros(lambda one: auto.find(one, SOURCE), articles, rounds),
        micros(lambda text: by_in(folded, text), texts[:few], slow_rounds),
        micros(lambda text: by_re(pattern, folded, text), texts[:few], slow_rounds),
    )


def compiling() -> tuple[float, float]:
    """(seconds, peak MB of Python's own memory) for 100,000 terms in 20,000 rules."""
    rules = rules_of(vocabulary(random.Random(1), 100_000), 5, Settings())
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
    print(
        f"{'terms':>8} {'hits':>5} {'fold':>8} {'monitor':>8} {'+borders':>9} {'in':>9} {'re':>9}   CPU µs per article"
    )
    for count in wanted.terms:
        hits, folding, part, auto, loop, pattern = row(count, wanted.rounds)
        print(f"{count:>8,} {hits:>5.1f} {folding:>8.0f} {part:>8.0f} {auto:>9.0f} {loop:>9.0f} {pattern:>9.0f}")
        sys.stdout.flush()
    seconds, peak = compiling()
    print(f"compiling 100,000 terms in 20,000 rules: {seconds:.2f} s CPU, {peak:.0f} MB at its peak (Python's own)")


if __name__ == "__main__":
    main()
