"""Text of an article + its headlines and names -> the text from where the article begins. Pure.

Extractors take headline, date line and byline for text where a page does not keep them apart. They are known from
elsewhere by then, so they can be told from text: what is dropped equals them, and nothing that only begins like them.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.stages.extract_titles import folded

#: The head is looked for in so many lines, each no longer than this.
_MOST_LINES = 8
_LONGEST = 200
#: A shorter headline ("国内", "Sport") can be the first word of a text.
_HEADLINE = 6
_MONTHS = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\b\.?"
_DAYS = (
    r"(?:19|20)\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}(?!\d)\s*日?",
    r"(?:令和|平成)\s*(?:\d{1,2}|元)\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日",
    r"\d{1,2}\s*月\s*\d{1,2}\s*日",
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d\b",
    rf"\b{_MONTHS}\s*\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s*(?:19|20)\d\d\b)?",
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTHS}(?:,?\s*(?:19|20)\d\d\b)?",
)
_DAY = re.compile("|".join(_DAYS))
_TIME = r"(?:午前|午後)?\s*\d{1,2}\s*[:：時]\s*\d{1,2}(?:\s*[:：分]\s*\d{1,2}(?!\d))?\s*[分秒]?(?:\s*[ap]\.?m\b\.?)?"
_BESIDE_DATES = (
    r"\((?:[月火水木金土日](?:・?祝)?)\)|[月火水木金土日]曜日?"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|\b(?:jst|gmt|utc|ist|cet|bst|e[ds]?t|p[ds]?t)\b|\+0?9:?00\b"
    r"|\b(?:first |last )?(?:published|updated|posted|modified)\b|\b(?:on|at|by)\b"
    r"|(?:最終)?(?:公開|更新|掲載|配信|投稿|発表|作成)(?:日時?|時刻)?"
)
_DATE_WORDS = re.compile(f"{_DAY.pattern}|{_TIME}|{_BESIDE_DATES}")
#: "2026年11月23日 15:09 " where text goes on behind it in the same line.
_LEADING_DATE = re.compile(
    rf"[\s(\[（]*(?:{_DAY.pattern})[\s,-]*(?:{_BESIDE_DATES})?\s*(?:{_TIME})?[\s)\]）]+", re.IGNORECASE
)
_BYLINE_WORDS = frozenset(["", "by", "記者", "文", "取材", "写真", "筆者", "text"])
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What may stand above a text, folded."""

    headlines: frozenset[str]
    #: Of people and sites, the longest first.
    names: tuple[str, ...]


def head_of(title: str, headlines: Iterable[str], names: Iterable[str]) -> Head:
    """The head of a page by its title, its headlines and the names of its authors and site.

    A headline that says more than the title is text: else its words would stand nowhere in the article.
    """
    whole = folded(title)
    longest_first = sorted({folded(name) for name in names}, key=len, reverse=True)
    return Head(
        headlines=frozenset(one for one in (whole, *map(folded, headlines)) if one and one in whole),
        names=tuple(name for name in longest_first if len(name) > 1),
    )


def without_head(text: str, head: Head) -> str:
    """The text without lines at its start that are headline, date, byline or site; as it was where nothing is left.

    A short line between them that is none of these (a section, a series) is kept, and what follows it is looked at.
    """
    lines = text.split("\n")
    start, rest = lines[:_MOST_LINES], lines[_MOST_LINES:]
    kept: list[str] = []
    for number, line in enumerate(start):
        if not line or _is_head(line, head):
            kept.append("")
            continue
        begun = _begun(line, head)
        kept.append(begun)
        if begun != line or _is_text(line):
            rest = lines[number + 1 :]
            break
    return re.sub("\n{3,}", "\n\n", "\n".join([*kept, *rest])).strip("\n") or text


def _is_head(line: str, head: Head) -> bool:
    if len(line) > _LONGEST:
        return False
    if folded(line) in head.headlines:
        return True
    shown = unicodedata.normalize("NFKC", line).casefold()
    dated = _DAY.search(shown) is not None
    left = folded(_DATE_WORDS.sub(" ", shown) if dated else shown)
    named = False
    for name in head.names:
        named = named or name in left
        left = left.replace(name, "")
    return (dated or named) and left in _BYLINE_WORDS


def _is_text(line: str) -> bool:
    """Whether it is more than the name of a section: a sentence, or as long as one."""
    return line.endswith(("。", "．", ".", "…", "」")) or len(line) > (20 if _WIDE.search(line) else 50)


def _begun(line: str, head: Head) -> str:
    """The line without a headline and a date that its text follows on, as where a page was read as one paragraph.

    Where no date follows, only a space between Japanese words shows that they did not belong together.
    """
    found = next((end for one in head.headlines if len(one) >= _HEADLINE and (end := _end_of(line, one))), 0)
    if not found or found == len(line):
        return line
    left = line[found:]
    if date := _LEADING_DATE.match(left):
        rest = left[date.end() :]
        # "Leaders meet Nov. 23 in Oslo" begins like a headline and is none.
        return line if not rest or rest[0].islower() else rest
    rest = left.lstrip()
    between_words = rest != left and _WIDE.match(rest) and _WIDE.search(line[:found])
    return rest if between_words and _is_text(rest) else line


def _end_of(line: str, headline: str) -> int:
    """Where the headline ends that the line begins with; 0 where it begins with none."""
    for end in range(1, min(len(line), _LONGEST) + 1):
        seen = folded(line[:end])
        if seen == headline:
            closing = re.match(r"[^\w\s]*", line[end:])
            return end + (closing.end() if closing else 0)
        if not headline.startswith(seen):
            break
    return 0
