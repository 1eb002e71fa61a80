"""What `monitor check` costs: 1,000 rules of ten words and two tests each, from the files to the findings.

    python benchmarks/checking.py [--rules 1000] [--rounds 3]

Prints seconds of CPU for each step (the best of the rounds), in a process that has loaded everything before. The words are
those of news.py, so that some stand in others, as in a newsroom's own rules.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import news

from monitor.rules.lint import lint
from monitor.rules.load import load_rules
from monitor.rules.matcher import compile_rules
from monitor.rules.trials import run_tests

WORDS = 10
PER_FILE = 50


def rule(number: int, words: list[str]) -> str:
    listed = "".join(f"      - {word!r}\n" for word in words[2:])
    return (
        f"  - name: ルール {number}\n    all:\n      - any: [{words[0]!r}, {words[1]!r}]\n    any:\n{listed}"
        f"    none: [世論調査 {number}, 支持率 {number}]\n    unless_part_of: [第{words[2]}協議]\n    tests:\n"
        f"      match:\n        - {words[0] + '、' + words[2]!r}\n      ignore:\n        - 晴れ、ところにより曇り\n"
    )


def write(folder: Path, count: int) -> None:
    words = news.terms(count * WORDS)
    for first in range(0, count, PER_FILE):
        numbers = range(first, min(first + PER_FILE, count))
        text = "rules:\n" + "".join(rule(one, words[one * WORDS : (one + 1) * WORDS]) for one in numbers)
        (folder / f"{first:05}.yaml").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    best: dict[str, float] = {}

    def timed(step: str, work: Callable[[], object]) -> object:
        start = time.process_time()
        done = work()
        best[step] = min(best.get(step, float("inf")), time.process_time() - start)
        return done

    with tempfile.TemporaryDirectory() as name:
        write(Path(name), arguments.rules)
        for _ in range(arguments.rounds):
            book = timed("read", lambda: load_rules(Path(name), channels=()))
            matcher = timed("compile", lambda book=book: compile_rules(book.rules))
            tests = timed("tests", lambda book=book, matcher=matcher: run_tests(book, matcher=matcher))
            doubts = timed("lint", lambda book=book, matcher=matcher: lint(book, matcher))
    for step, seconds in best.items():
        print(f"{step:10}{seconds:8.3f} s")
    print(f"{'all':10}{sum(best.values()):8.3f} s")
    errors = [finding for finding in book.findings if finding.severity == "error"]
    print(
        f"{len(book.rules)} rules, {tests.run} tests ({tests.failed} failed), {len(doubts)} doubts, {len(errors)} errors"
    )


if __name__ == "__main__":
    main()
