"""Shared corpus of text traps -> how many are right at each level, and every miss.

    .venv/bin/python benchmarks/texttraps.py

Pages go through a tiny extraction (a line break for <br>, a blank line between blocks, no readings, no scripts), so that
the score is that of folding and borders.
"""

import json
import os
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from monitor.text.find import find_term

CORPUS = Path(os.environ.get("MONITOR_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
LEVELS = ("must", "should", "policy")
_BLOCKS = {"p", "li", "ul", "ol", "div", "h1", "h2", "h3", "td", "tr", "table"}
_UNREAD = {"rt", "rp", "script", "style"}
_WIDE = "[\u3040-\u30ff\u3400-\u9fff]"


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.pieces = []
        self.unread = 0

    def handle_starttag(self, tag, _attributes):
        self.unread += tag in _UNREAD
        if tag == "br":
            self.pieces.append("\x01")
        elif tag in _BLOCKS:
            self.pieces.append("\x02")

    def handle_endtag(self, tag):
        self.unread -= tag in _UNREAD
        if tag in _BLOCKS:
            self.pieces.append("\x02")

    def handle_data(self, data):
        if not self.unread:
            self.pieces.append(data)


def plain(page):
    """The text of a small page as an extraction gives it."""
    reader = _Text()
    reader.feed(page)
    text = "".join(reader.pieces)
    text = re.sub(rf"(?<={_WIDE})[ \t\r]*\n[ \t\r\n\u3000]*(?={_WIDE})", "", text)
    text = re.sub(r"[ \t\r\n]+", " ", text)
    return re.sub("\x02+", "\n\n", text).replace("\x01", "\n").strip()


def score(corpus=CORPUS):
    """({level: (right, cases)}, [case that is wrong])."""
    right, cases, wrong = Counter(), Counter(), []
    for line in (corpus / "texttraps" / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        text = plain(case["text"]) if case["kind"] == "html" else case["text"]
        cases[case["level"]] += 1
        if bool(find_term(text, case["term"])) == case["should_match"]:
            right[case["level"]] += 1
        else:
            wrong.append(case)
    return {level: (right[level], cases[level]) for level in LEVELS}, wrong


def main():
    levels, wrong = score()
    for level, (right, cases) in levels.items():
        print(f"{level:8} {right:3} of {cases:3}")
    for case in wrong:
        wanted = "a hit" if case["should_match"] else "no hit"
        print(f"{case['level']:8} {case['id']}: {case['term']} in {case['text']}: {wanted} expected ({case['why']})")


if __name__ == "__main__":
    main()
