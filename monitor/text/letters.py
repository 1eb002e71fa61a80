"""The folding tables, one per layer: which printed characters are the same letter, the same dash, or nothing at all."""

from enum import StrEnum


class Layer(StrEnum):
    """One kind of difference between two spellings. The last four are the keys of a rule's `fold`."""

    CASE = "case"
    WIDTH = "width"
    DASHES = "dashes"
    DOTS = "dots"
    VARIANTS = "variants"


def _range(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


#: Characters that print nothing: zero-width spaces and joiners, direction marks, soft hyphens, variation selectors
#: (the ideographic ones too), control characters that are no white space, tags.
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\ufeff"
    + _range(0x00, 0x08)
    + _range(0x0E, 0x1B)
    + _range(0x7F, 0x84)
    + _range(0x86, 0x9F)
    + _range(0x180B, 0x180D)
    + _range(0x200B, 0x200F)
    + _range(0x202A, 0x202E)
    + _range(0x2060, 0x206F)
    + _range(0xFE00, 0xFE0F)
    + _range(0xFFF9, 0xFFFB)
    + _range(0xE0000, 0xE007F)
    + _range(0xE0100, 0xE01EF)
)

#: Vowel signs that Arabic and Hebrew news leave out, with the Arabic stretching stroke. The hamza and madda stay: they
#: make other letters.
VOWEL_SIGNS = (
    "\u0640\u0670\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    + _range(0x0591, 0x05BD)
    + _range(0x0610, 0x061A)
    + _range(0x064B, 0x0652)
    + _range(0x06D6, 0x06DC)
    + _range(0x06DF, 0x06E4)
)

#: Hyphens, dashes, minus signs and box lines. Directly after katakana one of them stands for ー (OCR, old pages).
DASHES = "-\u00ac\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\ufe58\ufe63\uff0d".replace("\u00ac", "")

#: U+301C and U+FF5E are one key on a Japanese keyboard, told apart only by the encoding a text went through.
TILDES = "\u301c\u223c\uff5e"

#: What stands between the parts of a foreign name: ドナルド・トランプ, ドナルド＝トランプ.
DOTS = "・\u00b7\u2022\u2027\u2219\u22c5゠="

APOSTROPHES = "\u2018\u2019\u201b\u02bc\u2032"
QUOTES = "\u201c\u201d\u201e\u201f\u2033"

#: Letters of the Persian keyboard that Arabic prints with others.
PERSIAN = {"ی": "ي", "ک": "ك"}

KATAKANA = "ァ-ヺーヽヾㇰ-ㇿ"
#: Katakana that may begin a word: not the small ones, not ー.
KATAKANA_FIRST = "アイウエオカ-ヂツ-モヤユヨ-ロワ-ヴヷ-ヺ"
CJK = "ぁ-ゖゝゞァ-ヺーヽヾ々〆〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"

#: カ between a numeral and what is counted, in all its spellings: 3カ月, 3ヶ月, 3ヵ月, 3ケ月, 3か月, 3箇月. か is also a word of its
#: own (統一か国家分裂か, G7か国連か), so it counts only where no such word can begin or end.
_NUMERAL = "0-9〇一二三四五六七八九十百千万億兆数何幾"
_COUNTED = "月国所条年村町店校寺院社語港"
_COUNTED_BY_KA = "月(?![末初曜面額給例光])|国(?![連会民家際内立土防産営有籍王境旗策道債庫税力])|所(?![得有属長管在])|条(?![件約例])|年(?![金末始齢収度内代初])"
COUNTERS = "ヵヶケ箇か個"
#: What must stand around one of them; it is looked at behind the character itself.
COUNTING = (
    f"(?=[{_COUNTED}])(?:(?<=[{_NUMERAL}][ヵヶケ箇])|(?<=[{_NUMERAL}]個)(?=[月国所条年])"
    f"|(?:(?<=[0-9]か)|(?<=(?<!第)[〇二三四五六七八九十百千万億兆]か)|(?<=(?<![第統唯万随均単同画逐専])一か)"
    f"|(?<=(?<![㐀-䶿一-鿿])数か)|(?<=[十百千]数か))(?={_COUNTED_BY_KA}))"
)
#: The same where a term begins with it (カ国語), or a hit was cut out of its text.
COUNTER_FIRST = f"^[{COUNTERS}](?=[{_COUNTED}])"
#: Small katakana that are read か or が, and printed large as often: 関ヶ原, 関ケ原.
SMALL = {"ヵ": "カ", "ヶ": "ケ"}

_KANJI = "々〆〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
#: How a name is read, in parentheses behind its kanji, where the kanji go on: 習近平(しゅうきんぺい)国家主席.
#: Words that stand in parentheses there and are no reading.
_NO_READING = "など|ほか|うち|とも|のみ|だけ|まで|から|より|また|または|および|もしくは|ただし|いずれも|いずれか|さらに|すべて|あるいは"
READING = rf"\((?<=[{_KANJI}]\()(?!(?:{_NO_READING})\))[ぁ-ゖァ-ヺー {DOTS}]{{2,40}}\)(?=[{_KANJI}])"
#: The same as most papers print it.
WIDE_READING = READING.replace(r"\(", "（").replace(r"\)", "）")
