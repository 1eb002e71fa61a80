"""Foreign bytes + the encodings they are said to have -> text. Pure.

Declared encodings are often wrong and seldom precise: "Shift_JIS" means cp932 on the Japanese web, "ISO-8859-1" often
means nothing at all. So every declaration is tried strictly and must be plausible before it is believed.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import chardet

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_EUC_JP = "euc_jp"
#: What a declaration means: names Python does not know, and the superset that is really used under a standard's name
#: (WHATWG Encoding Standard, section 4.2).
_MEANS = {
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-euc-jp": _EUC_JP,
    "euc_jp": _EUC_JP,
    "euc_kr": "cp949",
    "johab": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "x-gbk": "gb18030",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
#: Codecs that turn bytes into something else than text, or any bytes into any text.
_NEVER = {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "raw-unicode-escape", "undefined", "hz"}
_JAPANESE = ("cp932", _EUC_JP)
#: Each knows characters that the ones before it do not; none contains all others.
_ISO_2022_JP = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_2")
_MULTIBYTE = {*_JAPANESE, "cp949", "gb18030", "big5hkscs"}
#: So small a part of the non-ASCII characters may be broken in a text that is otherwise what it says.
_DAMAGE = 0.1
_LABEL = re.compile(r"[a-z0-9._:-]{1,40}")
_NON_ASCII_BYTE = re.compile(rb"[\x80-\xff]")
#: So many bytes of the whole, and of one line of it, are enough to tell an encoding by.
_SAMPLE = 65536
_OF_A_LINE = 512
#: Half-width katakana, private use, C1 controls: what Japanese text turns into under the wrong Japanese encoding.
_ODD = re.compile("[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")


def _nec_characters(error: UnicodeError) -> tuple[str, int]:
    """The rows 13 and 89-94 that cp51932 adds to EUC-JP (①, ㈱, 髙), by way of the same rows of cp932."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    row, cell = (pair[0] - 0xA1, pair[1] - 0xA1) if len(pair) == 2 else (-1, -1)  # noqa: PLR2004 - a pair
    if not (0 <= row < 94 and 0 <= cell < 94):  # noqa: PLR2004 - the size of a JIS plane
        raise error
    lead = row // 2 + (0x81 if row < 62 else 0xC1)  # noqa: PLR2004 - where Shift_JIS jumps over half-width katakana
    trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 63)  # noqa: PLR2004 - it leaves 0x7F out
    try:
        return bytes((lead, trail)).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


def _nec_or_mark(error: UnicodeError) -> tuple[str, int]:
    try:
        return _nec_characters(error)
    except UnicodeDecodeError as broken:
        return "\ufffd", broken.end


codecs.register_error("monitor.nec", _nec_characters)
codecs.register_error("monitor.nec-or-mark", _nec_or_mark)


def decode_bytes(body: bytes, declared: Sequence[str]) -> str:
    """The text of a document: by its byte-order mark, its bytes, its declarations (most credible first), or detection.

    `declared` holds labels as found in headers and markup. Never fails: what cannot be decoded becomes U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if wide := _wide(body):
        return body.decode(wide, "replace")
    if b"\x1b" in body and body.isascii():
        return _first_strict(body, _ISO_2022_JP) or body.decode("iso2022_jp_ext", "replace")
    text = _strict(body, "utf-8")
    if text is not None:
        return text
    # cp1252 is what servers say that were never told anything: every other word counts more.
    said = sorted(filter(None, map(_codec, declared)), key=lambda name: name == "cp1252")
    return _decode_legacy(body, said)


def _codec(label: str) -> str | None:
    label = label.strip().lower()
    if not _LABEL.fullmatch(label):
        return None
    try:
        name = codecs.lookup(_MEANS.get(label, label)).name
    except LookupError:
        return None
    # UTF-16 and -32 have been recognised by their bytes before any declaration is asked.
    if name in _NEVER or name.startswith(("utf-16", "utf-32")):
        return None
    return _MEANS.get(name, name)


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: markup is ASCII, so every other byte (or three of four) is zero."""
    if body.startswith(b"\0\0\0<"):
        return "utf-32-be"
    if body.startswith(b"<\0\0\0"):
        return "utf-32-le"
    start = body[:64]
    high, low = start[0::2].count(0), start[1::2].count(0)
    if max(high, low) * 4 < len(start) or min(high, low) * 4 > max(high, low):
        return None
    return "utf-16-be" if high > low else "utf-16-le"


def _decode_legacy(body: bytes, said: list[str]) -> str:
    for encoding in said:
        text = _strict(body, encoding)
        if text is not None and (text := _plausible(body, encoding, text)) is not None:
            return text
    for encoding in ("utf-8", *said):
        text = _lenient(body, encoding)
        if text.count("\ufffd") <= _DAMAGE * len(_NON_ASCII.findall(text)):
            return text
    found = _detect(body) or "cp1252"
    text = _first_strict(body, dict.fromkeys((found, *_JAPANESE)))
    return text if text is not None else _lenient(body, found)


def _plausible(body: bytes, encoding: str, text: str) -> str | None:
    """The text, or the better reading of its Japanese bytes; `None` where a single-byte name hides a multi-byte text."""
    if encoding == "cp1252":
        return None if _detect(body) in _MULTIBYTE else text
    if encoding not in _JAPANESE or not _ODD.search(text):
        return text
    readings = [text, *(other for name in _JAPANESE if name != encoding for other in _all_strict(body, name))]
    return min(readings, key=lambda reading: len(_ODD.findall(reading)))


def _all_strict(body: bytes, encoding: str) -> Iterator[str]:
    text = _strict(body, encoding)
    if text is not None:
        yield text


def _first_strict(body: bytes, encodings: tuple[str, ...] | dict[str, None]) -> str | None:
    for encoding in encodings:
        text = _strict(body, encoding)
        if text is not None:
            return text
    return None


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding, "monitor.nec" if encoding == _EUC_JP else "strict")
    except (UnicodeError, LookupError):
        # LookupError: Python knows the name, but not as an encoding of text ("base64").
        return None


def _lenient(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding, "monitor.nec-or-mark" if encoding == _EUC_JP else "replace")
    except (UnicodeError, LookupError):
        return body.decode("utf-8", "replace")


def _detect(body: bytes) -> str | None:
    """What chardet takes the non-ASCII parts for."""
    lines = (line for line in body.split(b"\n") if not line.isascii())
    # From its first non-ASCII byte on: a page may be one line that is a script for its first megabyte.
    parts = (line[found.start() :][:_OF_A_LINE] for line in lines if (found := _NON_ASCII_BYTE.search(line)))
    name = chardet.detect(b"\n".join(islice(parts, _SAMPLE // _OF_A_LINE)))["encoding"]
    return _codec(name) if name else None
