"""What a rule means, said slowly: values of a YAML block x article -> true, false or unknown, and what that rests on.

Written from the description of the rule language, term by term and place by place, to hold the engine against. It knows
nothing of `monitor.rules`; only where a single term stands is `monitor.text`'s to say.
"""

import re
import unicodedata
from itertools import groupby

from monitor.model import TextFrom
from monitor.text.find import find_term
from monitor.text.fold import fold, term_forms
from monitor.text.spelling import same_spelling

CONDITIONS = ("any", "all", "none", "at_least", "near", "regex", "min_hits", "title", "body")
PLAIN = {
    "boundary": "auto",
    "case": "auto",
    "unless": (),
    "unfolded": frozenset(),
    "fields": ("title", "body"),
}


class Reference:
    """One article and the lists that rules may name. Unknown is `None`; `whole`: what is there is taken for all."""

    def __init__(self, article, lists, expressions, *, whole=False):
        self.texts = {"title": article.title, "body": "" if article.text_from is TextFrom.TITLE else article.text}
        self.missing = {"body"} if article.missing and not whole else set()
        self.lists = lists
        #: Expressions that `re` writes otherwise than RE2.
        self.expressions = expressions

    # --- blocks -------------------------------------------------------------------------------------------------------

    def block(self, block, outer=PLAIN):
        """(true, false or unknown; the places that it rests on)."""
        said = self.settings(block, outer)
        return both([getattr(self, f"_{key}")(block[key], said, block) for key in CONDITIONS if key in block])

    def settings(self, block, outer):
        off = {layer for layer, on in block.get("fold", {}).items() if not on}
        on = {layer for layer, on in block.get("fold", {}).items() if on}
        return {
            "boundary": block.get("boundary", outer["boundary"]),
            "case": block.get("case", outer["case"]),
            "unless": (*outer["unless"], *block.get("unless_part_of", ())),
            "unfolded": (outer["unfolded"] | off) - on,
            "fields": outer["fields"],
        }

    def _any(self, things, said, _block):
        return either([self.thing(one, said) for one in self.spread(things)])

    def _all(self, things, said, _block):
        return both([self.one(thing, said) for thing in things])

    def _none(self, things, said, _block):
        value, _ = either([self.thing(one, said) for one in self.spread(things)])
        return (None if value is None else not value), set()

    def _at_least(self, asked, said, _block):
        of, wanted = asked["of"], asked["n"]
        results = [self.thing(one, said) for one in self.spread(of)] if isinstance(of, str) else [
            self.one(thing, said) for thing in of
        ]  # fmt: skip
        true = [places for value, places in results if value is True]
        unknown = [places for value, places in results if value is None]
        value = True if len(true) >= wanted else None if len(true) + len(unknown) >= wanted else False
        return value, set().union(*true, *unknown)

    def _title(self, block, said, _block):
        return self.block(block, said | {"fields": ("title",)})

    def _body(self, block, said, _block):
        return self.block(block, said | {"fields": ("body",)})

    def one(self, thing, said):
        """A list is one condition: any of its words."""
        if isinstance(thing, str) and thing.startswith("$"):
            return either([self.thing(word, said) for word in self.spread(thing)])
        return self.thing(thing, said)

    def spread(self, things):
        """Terms and blocks, the lists among them written out."""
        for thing in [things] if isinstance(things, str | dict) else things:
            if isinstance(thing, str) and thing.startswith("$"):
                yield from self.lists[thing[1:]]
            else:
                yield thing

    def thing(self, thing, said):
        return self.block(thing, said) if isinstance(thing, dict) else self.found(self.places(thing, said), said)

    def found(self, places, said):
        if places := set(places):
            return True, places
        return (None if self.missing & set(said["fields"]) else False), set()

    # --- words --------------------------------------------------------------------------------------------------------

    def places(self, term, said):
        """(field, start, end) of every place where a term stands and counts."""
        every = []
        for name in said["fields"]:
            text = self.texts[name]
            hits = [
                (start, end)
                for start, end in find_term(text, term, boundary=said["boundary"], case=said["case"])
                if same_spelling(text[start:end], term.rstrip("*"), said["unfolded"])
                and not self.covered(text, start, end, said)
            ]
            every += [(name, *hit) for hit in hits if not any(within(hit, other) for other in hits if other != hit)]
        return every

    def covered(self, text, start, end, said):
        return any(
            first <= start and end <= last for string in said["unless"] for first, last in everywhere(text, string)
        )

    def _regex(self, patterns, said, _block):
        patterns = [patterns] if isinstance(patterns, str) else patterns
        return either([self.found(self.matched(pattern, said), said) for pattern in patterns])

    def matched(self, pattern, said):
        flags = 0 if said["case"] == "exact" else re.IGNORECASE
        form = "NFC" if "width" in said["unfolded"] else "NFKC"
        pattern = unicodedata.normalize(form, self.expressions.get(pattern, pattern))
        for name in said["fields"]:
            text = self.texts[name]
            letters = plain(text, form)
            for hit in re.finditer(pattern, "".join(letter for letter, _, _ in letters), flags):
                start, end = letters[hit.start()][1], letters[hit.end() - 1][2]
                if not self.covered(text, start, end, said):
                    yield name, start, end

    # --- nearness and counting ----------------------------------------------------------------------------------------

    def _near(self, asked, said, _block):
        places = set()
        left, right = (
            {place for word in self.spread(asked[side]) for place in self.places(word, said)}
            for side in ("left", "right")
        )
        for one in left:
            for other in right:
                if one[0] == other[0] and self.close(one, other, asked):
                    places |= {one, other}
        return self.found(places, said)

    def close(self, left, right, asked):
        text = self.texts[left[0]]
        start, end = min(left[2], right[2]), max(left[1], right[1])
        if not (left[2] <= right[1] or right[2] <= left[1]):
            return False
        if asked.get("order") == "left_first" and right[1] < left[1]:
            return False
        unit = asked.get("unit")
        gap = text[start:end]
        if unit == "sentence" and re.search(r"。|\n\n|\. ", gap):
            return False
        within = asked.get("within")
        if unit == "sentence" and within is None:
            return True
        japanese = unspaced(text[left[1] : left[2]]) or unspaced(text[right[1] : right[2]])
        if unit == "characters" or (unit != "words" and japanese):
            return characters(gap) <= (within or 30)
        return words(gap) <= (within or 10)

    def _min_hits(self, wanted, said, block):
        places = set(self.counted({key: block[key] for key in block if key != "min_hits"}, said))
        if apart(sorted(places)) >= wanted:
            return True, places
        return (None if self.missing & set(self.read(block, said)) else False), places

    def counted(self, block, said):
        """The places of all positive words of a block, whatever becomes of its conditions."""
        for key in ("any", "all"):
            for thing in self.spread(block.get(key, ())):
                yield from self.counted_thing(thing, said)
        for thing in self.spread(block.get("at_least", {}).get("of", ())):
            yield from self.counted_thing(thing, said)
        for side in ("left", "right"):
            for word in self.spread(block.get("near", {}).get(side, ())):
                yield from self.places(word, said)
        patterns = block.get("regex", [])
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            yield from self.matched(pattern, said)
        for name in ("title", "body"):
            if name in block:
                inner = said | {"fields": (name,)}
                yield from self.counted(block[name], self.settings(block[name], inner))

    def counted_thing(self, thing, said):
        if isinstance(thing, dict):
            yield from self.counted(thing, self.settings(thing, said))
        else:
            yield from self.places(thing, said)

    def read(self, block, said):
        """The parts of the article that the positive words of a block look at."""
        if any(key in block for key in ("near", "regex")):
            yield from said["fields"]
        for thing in [*self.spread(block.get("any", ())), *self.spread(block.get("all", ())),
                      *self.spread(block.get("at_least", {}).get("of", ()))]:  # fmt: skip
            yield from self.read(thing, said) if isinstance(thing, dict) else said["fields"]
        for name in ("title", "body"):
            if name in block:
                yield from self.read(block[name], said | {"fields": (name,)})


def either(results):
    values = [value for value, _ in results]
    value = True if True in values else None if None in values else False
    return value, set().union(*(places for value, places in results if value is not False))


def both(results):
    values = [value for value, _ in results]
    value = False if False in values else None if None in values else True
    return value, set().union(*(places for _, places in results))


def within(one, other):
    return other[0] <= one[0] and one[1] <= other[1]


def apart(places):
    """The most places of which no two overlap: each is taken or left."""
    if not places:
        return 0
    (name, start, end), *others = places
    free = [one for one in others if one[0] != name or one[1] >= end or one[2] <= start]
    return max(1 + apart(free), apart(others))


def everywhere(text, string):
    folded = fold(text)
    for form in term_forms(string):
        at = folded.text.find(form)
        while at >= 0:
            yield folded.span(at, at + len(form))
            at = folded.text.find(form, at + 1)


def plain(text, form):
    """The characters that an expression reads, each with the offsets of what is printed."""
    letters = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in "ﾞﾟ"):
            end += 1
        settled = unicodedata.normalize(form, text[start:end])
        letters += [(letter, start, end) for letter in settled if letter not in "\u200b\xad"]
        start = end
    joined = []
    for white, run in groupby(letters, key=lambda letter: letter[0].isspace()):
        some = list(run)
        space = "\n\n" if [letter for letter, _, _ in some].count("\n") > 1 else " "
        joined += [(letter, some[0][1], some[-1][2]) for letter in space] if white else some
    return joined


def unspaced(text):
    return any(re.match("(HALFWIDTH )?(CJK|HIRAGANA|KATAKANA|THAI)", unicodedata.name(letter, "")) for letter in text)


def seen(text):
    return "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf") and c not in "ﾞﾟ")


def characters(gap):
    return len(re.sub(r"\s+", " ", seen(gap)))


def words(gap):
    gap = re.sub(r"^'s\b", "", seen(gap))
    letters = sum(unspaced(letter) for letter in gap)
    others = "".join(" " if unspaced(letter) else letter for letter in gap).split()
    return (letters + 2) // 3 + sum(any(letter.isalnum() for letter in word) for word in others)
