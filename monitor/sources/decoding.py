"""Foreign bytes + Content-Type -> text. Pure.

Declared encodings are often wrong and seldom precise: "Shift_JIS" means cp932 on the Japanese web, "ISO-8859-1" often
means nothing at all. So every declaration is tried strictly and must be plausible before it is believed.
"""

import codecs
import re
from functools import cache

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
    "windows-31j": "cp932",
    "x-ms-cp932": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-euc-jp": _EUC_JP,
    "eucjp-ms": _EUC_JP,
    "cp51932": _EUC_JP,
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
    "windows-874": "cp874",
    "windows-949": "cp949",
}
#: Codecs that turn bytes into something else than text, or any bytes into any text.
_NEVER = frozenset({"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "hz"})
_JAPANESE = ("cp932", _EUC_JP)
#: Each knows characters that the ones before it do not; none contains all others.
_ISO_2022_JP = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_2")
_MULTIBYTE = {*_JAPANESE, "cp949", "gb18030", "big5hkscs"}
#: So small a part of the non-ASCII characters may be broken in a text that is otherwise what it says.
_DAMAGE = 0.1
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
#: No trail byte of any East Asian encoding is one of these brackets, so tags can be cut out of undecoded bytes.
_TAG = re.compile(rb"<[^<>]*>")
_NON_ASCII_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_NON_ASCII_RUN = re.compile(r"[^\x00-\x7f]+")
#: How much of a text is read to judge it, in bytes and in characters.
_SAMPLE_BYTES = 65536
_SAMPLE = 2000
#: At most this part of a text may be strange Japanese for it to be taken for Japanese without any declaration.
_STRANGE = 0.15
#: By so much must another Japanese encoding read better than the declared one; half-width katakana look strange anyway.
_MARGIN = 0.25
#: Fewer non-ASCII characters than this, standing alone between ASCII letters, are Western accents and quotation marks.
_FEW = 50


def _nec_character(pair: bytes) -> str | None:
    """The rows 13 and 89-94 that cp51932 adds to EUC-JP (①, ㈱, 髙), by way of the same rows of cp932."""
    if len(pair) < 2 or min(pair) < 0xA1 or max(pair) > 0xFE:  # noqa: PLR2004 - a pair in the plane of JIS X 0208
        return None
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)  # noqa: PLR2004 - where Shift_JIS jumps over half-width katakana
    trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 63)  # noqa: PLR2004 - it leaves 0x7F out
    return bytes((lead, trail)).decode("cp932", "ignore") or None


def _nec_or_mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    character = _nec_character(error.object[error.start : error.start + 2])
    return (character, error.start + 2) if character else ("\ufffd", error.end)


def _nec_or_error(error: UnicodeError) -> tuple[str, int]:
    character, end = _nec_or_mark(error)
    if character == "\ufffd":
        raise error
    return character, end


codecs.register_error("monitor.nec", _nec_or_error)
codecs.register_error("monitor.nec-or-mark", _nec_or_mark)


def decode(body: bytes, content_type: str | None) -> str:
    """The text of a document: by its byte-order mark, its bytes, its declarations, or detection, in this order.

    Never fails: what cannot be decoded becomes U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if wide := _wide(body):
        return body.decode(wide, "replace")
    if b"\x1b" in body and body.isascii():
        return _first_strict(body, _ISO_2022_JP) or body.decode("iso2022_jp_ext", "replace")
    text = _strict(body, "utf-8")
    return text if text is not None else _decode_legacy(body, declared(body, content_type))


def declared(body: bytes, content_type: str | None) -> list[str]:
    """The encodings a document is said to have, most credible first, as Python codecs.

    HTTP wins over the XML declaration (RFC 7303 section 3), except where it names the default of many web servers.
    """
    over_http = _HTTP_CHARSET.search(content_type or "")
    in_xml = _XML_ENCODING.search(body[:1024])
    names = [_codec(over_http[1]) if over_http else None, _codec(in_xml[1].decode("ascii")) if in_xml else None]
    names.sort(key=lambda name: name == "cp1252")
    return [name for name in names if name is not None]


def _codec(label: str) -> str | None:
    name = _MEANS.get(label.lower(), label)
    try:
        name = codecs.lookup(name).name
    except LookupError:
        return None
    # UTF-16 and -32 have been recognised by their bytes before any declaration is asked.
    if name.replace("_", "-") in _NEVER or name.startswith(("utf-16", "utf-32")):
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
        text = _believe(body, encoding)
        if text is not None:
            return text
    for encoding in ("utf-8", *said):
        text = _lenient(body, encoding)
        if encoding not in _JAPANESE and not _is_damaged(text):
            return text
    return _guess(body)


def _believe(body: bytes, encoding: str) -> str | None:
    """The text, where the bytes bear out what they are said to be."""
    if encoding in _JAPANESE:
        # Some say one Japanese encoding and send the other.
        other = _JAPANESE[encoding == _JAPANESE[0]]
        sample = _sample(body)
        said, instead = (_strangeness(_lenient(sample, name)) for name in (encoding, other))
        text = _lenient(body, other if instead + _MARGIN < said else encoding)
        return text if _strangeness(text) < 1 and not _is_damaged(text) else None
    if encoding == "cp1252" and (_detect(body) in _MULTIBYTE or _japanese(body) is not None):
        return _guess(body)
    return _strict(body, encoding)


def _guess(body: bytes) -> str:
    readings: tuple[str | None, ...]
    found = _detect(body)
    if found is not None and found in _MULTIBYTE and found not in _JAPANESE:
        readings = (_strict(body, found), _japanese(body))
    else:
        readings = (_japanese(body), _western(body), _strict(body, found or "cp1252"))
    return next((text for text in readings if text is not None), None) or _lenient(body, found or "utf-8")


def _western(body: bytes) -> str | None:
    """The bytes as cp1252, where they are too few and too scattered to be told from its many relatives."""
    text = _strict(body, "cp1252") or ""
    runs = _NON_ASCII_RUN.findall(text[: _SAMPLE * 20])
    return text if runs and len(runs) < _FEW and sum(map(len, runs)) < 2 * len(runs) else None


def _japanese(body: bytes) -> str | None:
    """The bytes as Japanese, if they make good Japanese in one of its encodings."""
    readings = [text for name in _JAPANESE if (text := _strict(body, name)) is not None]
    text = min(readings, key=_strangeness, default="")
    runs = _NON_ASCII_RUN.findall(text[: _SAMPLE * 20])
    # The quotation marks of cp1252 are single kanji to cp932; words come in runs.
    return text if runs and sum(map(len, runs)) >= 2 * len(runs) and _strangeness(text) <= _STRANGE else None


def _strangeness(text: str) -> float:
    """How little the non-ASCII characters of a text look like Japanese: 0 (all do) to 3 (all are broken)."""
    characters = "".join(_NON_ASCII_RUN.findall(text))[:_SAMPLE]
    return sum(map(_strange, characters)) / len(characters) if characters else 0


@cache
def _strange(character: str) -> int:
    """0 for kana, signs and the 2,965 common kanji (JIS X 0208 rows 1-8, 16-47), 3 for U+FFFD, else 1."""
    if character == "\ufffd":
        return 3
    try:
        row = character.encode("cp932")[0]
    except UnicodeEncodeError:
        return 0 if character in "\u301c\u2016\u2212\u00a2\u00a3\u00ac" else 1
    return 0 if 0x81 <= row <= 0x87 or 0x88 <= row <= 0x98 else 1  # noqa: PLR2004 - lead bytes of these rows


def _is_damaged(text: str) -> bool:
    return text.count("\ufffd") > _DAMAGE * sum(map(len, _NON_ASCII_RUN.findall(text)))


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


def _first_strict(body: bytes, encodings: tuple[str, ...]) -> str | None:
    return next((text for name in encodings if (text := _strict(body, name)) is not None), None)


def _detect(body: bytes) -> str | None:
    """What chardet takes the bytes for."""
    name = chardet.detect(_sample(body))["encoding"]
    return _codec(name) if name else None


def _sample(body: bytes) -> bytes:
    """The first lines that are not ASCII, tags cut out."""
    lines = _NON_ASCII_LINE.findall(_TAG.sub(b"\n", body[: _SAMPLE_BYTES * 8]))
    return b"\n".join(lines)[:_SAMPLE_BYTES]
