"""Text + spans of matched words -> Snippet: the words in their context, as printed. Pure.

Foreign text: white space becomes single spaces, control and direction characters go, nothing is cut inside a sign.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from monitor.model import Snippet
from monitor.text.letters import UNSEEN
from monitor.text.scripts import script
from monitor.text.signs import splits_sign

Span = tuple[int, int]

_CUT = "…"
#: Joiners and variation selectors shape what is printed (emoji, Persian, 葛󠄀); the rest of what prints nothing only harms.
_SHAPING = "\u200c\u200d\ufe0e\ufe0f" + "".join(map(chr, range(0xE0100, 0xE01F0)))
_SHAPING_SIGNS = frozenset(_SHAPING)
_HARMFUL = re.compile(f"[{re.escape(''.join(c for c in UNSEEN if c not in _SHAPING))}\ud800-\udfff]+")
_WHITE = re.compile(r"\s+")
#: Full-width signs that print with room of their own; a space after them is one too many.
_WIDE_ENDS = "。、！？」』）】"
_AFTER_WIDE_END = re.compile(rf"(?<=[{_WIDE_ENDS}]) ")
#: The full stop of an initial (U.S., J. Smith) or of Mr and Dr ends none.
_SENTENCE_END = re.compile(r"[。！？!?][」』）)”\"]*\s*|(?<![ .][A-Z])(?<! [A-Z][a-z])(?<! Mrs)\.[)”\"]*\s+")
#: A stop and the quotes and brackets that close behind it.
_LONGEST_END = 10
_CLAUSE_END = re.compile(r"[、，,;:：」』）)]\s*|\s+")


def highlight(text: str, spans: Sequence[Span]) -> Snippet:
    """The whole of a short text, a title."""
    cleaned, highlights = _clean(text, _merged(spans, 0, len(text)))
    return Snippet(text=cleaned, highlights=tuple(highlights))


def snippet(text: str, spans: Sequence[Span], *, width: int = 120) -> Snippet:
    """At most `width` characters around the most of the spans, whole sentences where they fit.

    … stands where text is left out, but not behind the end of a sentence.
    """
    merged = _merged(spans, 0, len(text)) or [(0, 0)]
    first, last = _densest(merged, width)
    near = max(0, first - 2 * width), min(len(text), last + 2 * width)
    cleaned, highlights = _clean(text[near[0] : near[1]], _merged(merged, *near))
    core = _densest(highlights or [(0, 0)], width - 2)
    whole = near[0] == 0, near[1] == len(text)
    start, end = _sentences(cleaned, highlights, width, whole, core) or _window(cleaned, core, width)
    before = _CUT if start or text[: near[0]].strip() else ""
    left_out = cleaned[end:].strip() or text[near[1] :].strip()
    # A sentence has ended: nothing of it is missing.
    after = _CUT if left_out and not _ends_sentence(cleaned, end) else ""
    shift = len(before) - start
    marked = [(first + shift, last + shift) for first, last in _clipped(highlights, start, end)]
    return Snippet(text=before + cleaned[start:end] + after, highlights=tuple(marked))


def _clipped(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    clipped = ((max(first, start), min(last, end)) for first, last in spans)
    return [(first, last) for first, last in clipped if first < last]


def _merged(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """The spans within a part of the text, counted from its start, in order, those that touch made one."""
    merged: list[Span] = []
    for first, last in sorted(_clipped(spans, start, end)):
        if merged and first - start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last - start))
        else:
            merged.append((first - start, last - start))
    return merged


def _densest(spans: Sequence[Span], width: int) -> Span:
    """From the first to the last of the most spans that fit into a width; the earliest such place."""
    best = (0, 0, 1)
    left = 0
    for right, (_, end) in enumerate(spans):
        while left < right and end - spans[left][0] > width:
            left += 1
        if right - left + 1 > best[2]:
            best = (left, right, right - left + 1)
    return spans[best[0]][0], spans[best[1]][1]


def _clean(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """Single spaces, nothing harmful, and where the spans are then."""
    cleaned = ""
    moved = []
    done = 0
    for first, last in [*spans, (len(text), len(text))]:
        cleaned = _append(cleaned, text[done:first])
        before = len(cleaned)
        cleaned = _append(cleaned, text[first:last])
        if before < len(cleaned):
            moved.append((before, len(cleaned)))
        done = last
    end = len(cleaned.rstrip())
    return cleaned[:end], _clipped(moved, 0, end)


def _append(cleaned: str, piece: str) -> str:
    more = _AFTER_WIDE_END.sub("", _WHITE.sub(" ", _HARMFUL.sub("", piece)))
    return cleaned + (more.lstrip() if not cleaned or cleaned[-1] in f" {_WIDE_ENDS}" else more)


def _sentences(text: str, spans: Sequence[Span], width: int, whole: tuple[bool, bool], core: Span) -> Span | None:
    """The whole sentences with the most spans that fit, unless a window cut elsewhere (`core`) holds twice as many.

    `whole`: whether the beginning and the end of the text are borders of sentences.
    """
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    borders = sorted({*([0] if whole[0] else []), *ends, *([len(text)] if whole[1] else [])})
    best, most = None, (_within(spans, core) - 1) // 2
    for first, _ in spans:
        place = bisect_right(borders, first) - 1
        last = bisect_right(borders, borders[place] + width - 1) - 1 if place >= 0 else -1
        if last > place >= 0:
            sentences = borders[place], borders[place] + len(text[borders[place] : borders[last]].rstrip())
            if _within(spans, sentences) > most and sentences[1] - sentences[0] <= width - 2:
                best, most = sentences, _within(spans, sentences)
    return best


def _ends_sentence(text: str, end: int) -> bool:
    near = _SENTENCE_END.finditer(f"{text} ", max(0, end - _LONGEST_END), end + 1)
    return any(len(text[: found.end()].rstrip()) == end for found in near)


def _within(spans: Sequence[Span], part: Span) -> int:
    return sum(part[0] <= first and last <= part[1] for first, last in spans)


def _window(text: str, core: Span, width: int) -> Span:
    """Where to cut a text so that its core stays, with room for … on both sides."""
    if len(text) <= width - 2:
        return 0, len(text)
    first, last = core
    room = max(0, width - 2 - (last - first))
    earliest = max(0, first - max(room // 3, room - (len(text) - last)))
    start = _sentence_start(text, max(0, first - room), first)
    if start is None:
        start = _start(text, earliest, first)
    return start, _end(text, min(last, start + width - 2), min(len(text), start + width - 2))


def _sentence_start(text: str, earliest: int, latest: int) -> int | None:
    """The last beginning of a sentence in a range."""
    starts = [found.end() for found in _SENTENCE_END.finditer(text, earliest, latest)]
    return starts[-1] if starts else (0 if earliest == 0 else None)


def _start(text: str, earliest: int, latest: int) -> int:
    """The first beginning of a clause or word in a range; else what cuts least."""
    ends = (found.end() for found in _CLAUSE_END.finditer(text, max(0, earliest - 1), latest))
    found = next((end for end in ends if end >= earliest), None)
    return _whole(text, range(earliest, latest + 1), latest) if found is None else found


def _end(text: str, earliest: int, latest: int) -> int:
    """The last end of a sentence, else of a clause or word, in the later half of a range; else what cuts least."""
    if latest == len(text):
        return latest
    for border in (_SENTENCE_END, _CLAUSE_END):
        ends = [len(text[: found.end()].rstrip()) for found in border.finditer(text, (earliest + latest) // 2, latest)]
        if ends:
            return ends[-1]
    return len(text[: _whole(text, range(latest, earliest - 1, -1), latest)].rstrip())


def _whole(text: str, places: Iterable[int], otherwise: int) -> int:
    """The first of these places between two scripts, else the first that cuts no sign in two."""
    allowed = [place for place in places if not _inside_sign(text, place)]
    return next((place for place in allowed if _between_scripts(text, place)), next(iter(allowed), otherwise))


def _between_scripts(text: str, place: int) -> bool:
    return script(text[place - 1 : place]) != script(text[place : place + 1])


def _inside_sign(text: str, place: int) -> bool:
    return text[place : place + 1] in _SHAPING_SIGNS or splits_sign(text, place)
