"""Label of an encoding -> Python's codec for it; bytes x codec -> text. Pure.

Labels are taken for what the web means by them: "Shift_JIS" is cp932, "ISO-8859-1" is cp1252, "EUC-JP" has the
characters of vendors (WHATWG Encoding Standard, section 4.2).
"""

import codecs
import re
from collections.abc import Iterable

EUC_JP = "euc_jp"
#: Names Python does not know, and the superset that is really used under a standard's name.
_MEANS = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-ms-cp932": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-euc-jp": EUC_JP,
    "eucjp-ms": EUC_JP,
    "cp51932": EUC_JP,
    "euc_jp": EUC_JP,
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
_LABEL = re.compile(r"[a-z0-9._:-]{1,40}")
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def labels_over_http(content_type: str | None) -> list[str]:
    """The label in a Content-Type header, if there is one."""
    found = _HTTP_CHARSET.search(content_type or "")
    return [found[1]] if found else []


def codecs_of(labels: Iterable[str]) -> list[str]:
    """The codecs of those labels that name an encoding of text, in their order.

    cp1252 comes last, since it is what servers say that were never told anything.
    """
    return sorted(filter(None, map(codec_of, labels)), key=lambda name: name == "cp1252")


def codec_of(label: str) -> str | None:
    """The codec of one label; `None` for what names none, and for UTF-16 and -32, which bytes tell of themselves."""
    label = label.strip().lower()
    if not _LABEL.fullmatch(label):
        return None
    try:
        name = codecs.lookup(_MEANS.get(label, label)).name
    except LookupError:
        return None
    if name.replace("_", "-") in _NEVER or name.startswith(("utf-16", "utf-32")):
        return None
    return _MEANS.get(name, name)


def strict(body: bytes, codec: str) -> str | None:
    """The text, `None` where the bytes are not all of this encoding."""
    try:
        return body.decode(codec, "monitor.nec" if codec == EUC_JP else "strict")
    except (UnicodeError, LookupError):
        # LookupError: Python knows the name, but not as an encoding of text ("base64").
        return None


def lenient(body: bytes, codec: str) -> str:
    """The text, with U+FFFD for what cannot be decoded."""
    try:
        return body.decode(codec, "monitor.nec-or-mark" if codec == EUC_JP else "replace")
    except (UnicodeError, LookupError):
        return body.decode("utf-8", "replace")


def _nec_character(pair: bytes) -> str | None:
    """The rows 13 and 89-94 that cp51932 adds to EUC-JP (①, ㈱, 髙), by way of the same rows of cp932."""
    if len(pair) < 2 or min(pair) < 0xA1 or max(pair) > 0xFE:  # noqa: PLR2004 - a pair in the plane of JIS X 0208
        return None
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)  # noqa: PLR2004 - where Shift_JIS jumps over half-width katakana
    trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 63)  # noqa: PLR2004 - it leaves 0x7F out
    return bytes((lead, trail)).decode("cp932", "ignore") or None


def _nec_or_mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # nothing is encoded with it
    character = _nec_character(error.object[error.start : error.start + 2])
    return (character, error.start + 2) if character else ("\ufffd", error.end)


def _nec_or_error(error: UnicodeError) -> tuple[str, int]:
    character, end = _nec_or_mark(error)
    if character == "\ufffd":
        raise error
    return character, end


codecs.register_error("monitor.nec", _nec_or_error)
codecs.register_error("monitor.nec-or-mark", _nec_or_mark)
