"""Text as printed -> text as words are looked for in it, with the way back to the printed characters. Pure.

Two steps. The first (`spell`) writes each character with the marks that belong to it in one way. The second looks at
neighbours: ー or hyphen, name dots, ヴ, counters (3ヶ月), white space and line breaks. A rule's terms go through the same
steps. `unread` gives a text once more, without the readings in parentheses that stand in the middle of its names.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cache

from monitor.text.letters import (
    CJK,
    COUNTER_FIRST,
    COUNTERS,
    COUNTING,
    DOTS,
    KATAKANA,
    KATAKANA_FIRST,
    READING,
    SMALL,
)
from monitor.text.spell import Steps, spell
from monitor.text.variants import KANJI

_A_KATAKANA = re.compile(f"[{KATAKANA}]")
_KATAKANA_END = re.compile(f"[{KATAKANA}]+$")
#: So many katakana without ー at the end of a term may take one ー more: サーバ, not ビル.
_SHORTEST = 3
#: A term typed as so many capitals is also printed with full stops (U.S., W.H.O.).
_LONGEST_ACRONYM = 4
_ACRONYM = re.compile(f"[A-Z]{{2,{_LONGEST_ACRONYM}}}")
#: F-35 is F35 in Japanese papers. One digit is too little: M-1 is a contest, M1 a chip.
_TYPE_NUMBER = re.compile("([A-Za-z])-(?=[0-9]{2,})")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and what it was folded from."""

    original: str
    #: What terms are looked for in.
    text: str
    #: What the dictionary reads: one way of writing each character, with the dots and line breaks of the original.
    spelled: str
    _to_spelled: Steps = field(repr=False, compare=False)
    _to_original: Steps = field(repr=False, compare=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The printed characters, whole ones, of `text[start:end]`, as offsets in `original`."""
        return self._to_original.span(*self._to_spelled.span(start, end))

    def spelled_span(self, start: int, end: int) -> tuple[int, int]:
        """The same as offsets in `spelled`."""
        return self._to_spelled.span(start, end)

    def around_reading(self, start: int, end: int) -> bool:
        """Whether `text[start:end]` goes on behind a reading that was left out, with a word on both sides of it."""
        at, to = self.spelled_span(start, end)
        found = _READING.search(self.spelled, at + _BESIDE_READING, to)
        return found is not None and found.end() + _BESIDE_READING <= to

    def printed(self, start: int, end: int) -> str:
        """`spelled[start:end]` as the original prints it."""
        first, last = self._to_original.span(start, end)
        return self.original[first:last]


#: One line break, by whatever sign.
_LINE = "(?:\r\n?|[\n\v\f\x1c-\x1e\x85\u2028])"
_BLANK_LINE = "\n\n"
_BREAK = re.compile(_LINE)
_WRAP = re.compile(rf"(?<=[{CJK}・]){_LINE}(?=[{CJK}])")
V_SOUNDS = {"ヴァ": "バ", "ヴィ": "ビ", "ヴェ": "ベ", "ヴォ": "ボ", "ヴュ": "ビュ", "ヴ": "ブ"}

# Look-behinds stand after the character that they belong to, so that `re` can leap from one such character to the next.
_BAR_AFTER_LATIN = re.compile("ー(?<=[0-9a-z].)")
_DASH_AFTER_KATAKANA = re.compile(f"-(?<=[{KATAKANA}].)(?!-)")
_WHITE = r"(?<= )\s+|(?<=[^\S ])\s*"
_ASCII_JOINTS = re.compile(rf"[\t-\r\x1c-\x20](?:{_WHITE})")
_JOINTS = (
    f"[\t-\r\x1c-\x20\x85\u1680\u2028\u2029{DOTS}ヴ{COUNTERS}](?:{_WHITE}"
    f"|(?<=[{KATAKANA}][{DOTS}])(?=[{KATAKANA_FIRST}])|(?<=[{KATAKANA}]・){_LINE}(?=[{KATAKANA_FIRST}])"
    f"|(?<=ヴ){_LINE}?[ァィェォュ]|(?<=[ヴヵヶ])|(?<=[{COUNTERS}]){COUNTING})"
)
_NEIGHBOURS = re.compile(_JOINTS)
_COUNTER = re.compile(f"[{COUNTERS}]{COUNTING}")
_COUNTER_FIRST = re.compile(COUNTER_FIRST)
_READING = re.compile(READING)
_NEIGHBOURS_AND_READINGS = re.compile(f"{READING}|{_JOINTS}")
#: So many characters of a term must stand on either side of a reading: 東京(など)都市 holds no 東京都.
_BESIDE_READING = 2


def white_space(found: re.Match[str]) -> str:
    """What stands for a run of white space: nothing where a line is wrapped inside Japanese, a border for a blank line."""
    printed = found.group()
    breaks = len(_BREAK.findall(printed)) + 2 * printed.count("\u2029")
    if breaks > 1:
        return _BLANK_LINE
    wrap = _WRAP.match(found.string, found.start()) if breaks else None
    return "" if wrap and wrap.end() == found.end() else " "


def _instead(found: re.Match[str]) -> str:
    """What stands for white space, a name dot, ヴ, a counter or a reading in the folded text."""
    printed = found.group()
    if printed[0] == "ヴ":
        return V_SOUNDS[printed[0] + printed[1:].strip()]
    if printed in COUNTERS:
        return "カ" if _COUNTER.match(found.string, found.start()) else SMALL[printed]
    return white_space(found) if printed.isspace() else ""


def _bars(text: str) -> str:
    """ー for a dash that was typed for it, and the other way round; the length stays."""
    text = _BAR_AFTER_LATIN.sub("-", text)
    return _DASH_AFTER_KATAKANA.sub("ー", text) if "-" in text and not text.isascii() else text


def _join(text: str, joints: re.Pattern[str]) -> tuple[str, Steps]:
    steps = Steps()
    pieces: list[str] = []
    done = 0
    length = 0
    for found in joints.finditer(text):
        if found.group() == _BLANK_LINE:
            continue
        start, end = found.span()
        instead = _instead(found)
        length += start - done
        if len(instead) != 1 or end - start != 1:
            steps.add(length, len(instead), start, end - start)
        length += len(instead)
        pieces += (text[done:start], instead)
        done = end
    pieces.append(text[done:])
    return "".join(pieces), steps


def fold(text: str) -> Folded:
    """Fold a text of an article or a feed."""
    lettered, to_original = spell(text)
    spelled = _bars(lettered)
    folded, to_spelled = _join(spelled, _ASCII_JOINTS if spelled.isascii() else _NEIGHBOURS)
    return Folded(text, folded, spelled, to_spelled, to_original)


def unread(folded: Folded) -> Folded | None:
    """A folded text without the readings in the middle of its names; `None` where there are none.

    What is found in it counts only where `around_reading` holds: all else is found in the text itself.
    """
    if not _READING.search(folded.spelled):
        return None
    text, to_spelled = _join(folded.spelled, _NEIGHBOURS_AND_READINGS)
    return replace(folded, text=text, _to_spelled=to_spelled)


@cache
def _settled() -> re.Pattern[str]:
    """Terms that folding leaves as they are but for their case: ASCII; kana and kanji without another way of writing."""
    odd = f"[{''.join(KANJI)}ヴ]|[{COUNTERS}]{COUNTING}"
    return re.compile(f"[!-~]+(?: [!-~]+)*|(?:[0-9A-Za-z]|(?!{odd})[ぁ-ゖァ-ヲン々一-鿿]|(?<![0-9A-Za-z])ー)+")


def fold_term(term: str) -> str:
    """The same folding for a term of a rule, without white space around it."""
    if _settled().fullmatch(term):
        return term.lower()
    return fold(" ".join(term.split())).text.strip()


def term_forms(term: str) -> tuple[str, ...]:
    """Every literal form of a term, folded; its own comes first. Empty for a term of nothing but white space."""
    forms = spellings(term, folded := fold_term(term))
    begun = _COUNTER_FIRST.sub("カ", folded) if folded[:1] in COUNTERS else folded
    return forms if begun == folded else (*forms, begun)


def spellings(term: str, folded: str) -> tuple[str, ...]:
    """The folded term and the forms that are the same word.

    One ー more or less at the end of a katakana word (JIS Z 8301 leaves it out, newspapers write it), full stops in an
    acronym, no hyphen in F-35, and i for the dotless ı, since Turkish capitals are folded like any others.
    """
    forms = [folded]
    if _A_KATAKANA.match(folded[-1:]) and (found := _KATAKANA_END.search(folded)):
        short = folded.removesuffix("ー")
        if len(short) - found.start() >= _SHORTEST and not short.endswith("ー"):
            forms.append(short if short != folded else folded + "ー")
    if len(folded) <= _LONGEST_ACRONYM and _ACRONYM.fullmatch(unicodedata.normalize("NFKC", term.strip())):
        forms.append("".join(f"{letter}." for letter in folded))
    if "-" in folded:
        forms.append(_TYPE_NUMBER.sub(r"\1", folded))
    if "ı" in folded:
        forms.append(folded.replace("ı", "i"))
    return tuple(dict.fromkeys(form for form in forms if form)) if len(forms) > 1 or not folded else (folded,)
