"""Foreign bytes + the encodings they are said to have -> text. Pure.

Declared encodings are often wrong and seldom precise. So every declaration is tried and must be plausible before it is
believed.
"""

import codecs
import re
from collections.abc import Iterable
from functools import cache

import chardet

from monitor.text.labels import EUC_JP, codec_of, codecs_of, lenient, strict

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_JAPANESE = ("cp932", EUC_JP)
#: Each knows characters that the ones before it do not; none contains all others.
_ISO_2022_JP = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_2")
_MULTIBYTE = {*_JAPANESE, "cp949", "gb18030", "big5hkscs"}
#: So small a part of the non-ASCII characters may be broken in a text that is otherwise what it says.
_DAMAGE = 0.1
#: No trail byte of any East Asian encoding is one of these brackets, so tags can be cut out of undecoded bytes.
_TAG = re.compile(rb"<[^<>]*>")
_NON_ASCII_BYTE = re.compile(rb"[\x80-\xff]")
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


def decode_bytes(body: bytes, declared: Iterable[str]) -> str:
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
    text = strict(body, "utf-8")
    return text if text is not None else _decode_legacy(body, codecs_of(declared))


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
        text = lenient(body, encoding)
        if encoding not in _JAPANESE and not _is_damaged(text):
            return text
    return _guess(body)


def _believe(body: bytes, encoding: str) -> str | None:
    """The text, where the bytes bear out what they are said to be."""
    if encoding in _JAPANESE:
        # Some say one Japanese encoding and send the other.
        other = _JAPANESE[encoding == _JAPANESE[0]]
        sample = _sample(body)
        said, instead = (_strangeness(lenient(sample, name)) for name in (encoding, other))
        text = lenient(body, other if instead + _MARGIN < said else encoding)
        return text if _strangeness(text) < 1 and not _is_damaged(text) else None
    if encoding == "cp1252" and (_detect(body) in _MULTIBYTE or _japanese(body) is not None):
        return _guess(body)
    return strict(body, encoding)


def _guess(body: bytes) -> str:
    readings: tuple[str | None, ...]
    found = _detect(body)
    if found is not None and found in _MULTIBYTE and found not in _JAPANESE:
        readings = (strict(body, found), _japanese(body))
    else:
        readings = (_japanese(body), _western(body), strict(body, found or "cp1252"))
    return next((text for text in readings if text is not None), None) or lenient(body, found or "utf-8")


def _western(body: bytes) -> str | None:
    """The bytes as cp1252, where they are too few and too scattered to be told from its many relatives."""
    text = strict(body, "cp1252") or ""
    runs = _NON_ASCII_RUN.findall(text[: _SAMPLE * 20])
    return text if runs and len(runs) < _FEW and sum(map(len, runs)) < 2 * len(runs) else None


def _japanese(body: bytes) -> str | None:
    """The bytes as Japanese, if they make good Japanese in one of its encodings."""
    readings = [text for name in _JAPANESE if (text := strict(body, name)) is not None]
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
        return 1
    return 0 if 0x81 <= row <= 0x87 or 0x88 <= row <= 0x98 else 1  # noqa: PLR2004 - lead bytes of these rows


def _is_damaged(text: str) -> bool:
    return text.count("\ufffd") > _DAMAGE * sum(map(len, _NON_ASCII_RUN.findall(text)))


def _first_strict(body: bytes, encodings: tuple[str, ...]) -> str | None:
    return next((text for name in encodings if (text := strict(body, name)) is not None), None)


def _detect(body: bytes) -> str | None:
    """What chardet takes the bytes for."""
    name = chardet.detect(_sample(body))["encoding"]
    return codec_of(name) if name else None


def _sample(body: bytes) -> bytes:
    """The first lines that are not ASCII, tags cut out.

    From the first byte on that is not: a page may be one line that is a script for its first megabyte.
    """
    found = _NON_ASCII_BYTE.search(body)
    start = found.start() if found else 0
    lines = _TAG.sub(b"\n", body[start : start + _SAMPLE_BYTES * 8]).split(b"\n")
    return b"\n".join(line for line in lines if not line.isascii())[:_SAMPLE_BYTES]
