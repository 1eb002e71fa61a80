"""Folder of rule files -> their texts, and what is wrong with those that cannot be read."""

import codecs
import errno
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.rules.findings import Lines, Report, Spot

MAX_BYTES = 10_000_000
_SUFFIXES = {".yaml", ".yml"}
# Tried in this order: text in Shift_JIS is hardly ever valid EUC-JP, while the reverse often holds.
_JAPANESE = (("euc_jp", "EUC-JP"), ("cp932", "Shift_JIS (Windows-31J)"))
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
#: So much of a file tells how wide its characters are.
_SAMPLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One file as read; `text` is `None` where it could not be read, and the report says why."""

    name: str
    text: str | None
    report: Report


def rule_files(folder: Path) -> list[Path]:
    """Every rule file below the folder, sorted; hidden files and folders are left out, links are followed.

    A folder in it that cannot be looked into stands for itself, so that `read_file` says so. OSError for `folder` itself.
    """
    return sorted(_walk(folder, folder.iterdir(), frozenset()))


def _walk(folder: Path, entries: Iterable[Path], above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            inside = list(entry.iterdir()) if entry.is_dir() else None
        except OSError:
            yield entry
            continue
        if inside is not None:
            yield from _walk(entry, inside, above | {real})
        elif entry.suffix.lower() in _SUFFIXES:
            yield entry


def read_file(path: Path) -> RuleFile:
    """Read one file as UTF-8, with or without a byte order mark."""
    # A name that is no UTF-8 could not be shown.
    name = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    report = Report(name)
    text = _read(path, report)
    if text is not None:
        report = Report(name, lines=Lines(text))
    return RuleFile(name=name, text=text, report=report)


def _read(path: Path, report: Report) -> str | None:
    try:
        raw = _bytes(path)
    except OSError as error:
        report.error("unreadable", reason=error.strerror or type(error).__name__)
        return None
    if len(raw) > MAX_BYTES:
        report.error("too-large", limit=f"{MAX_BYTES // 1_000_000} MB")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        encoding = _seems(raw)
        if encoding is None:
            report.error("broken-utf8", Spot(line, 1))
        else:
            report.error("not-utf8", Spot(line, 1), encoding=encoding)
        return None
    if "\0" in text[:_SAMPLE] and (wide := _wide(raw)):
        report.error("not-utf8", Spot(1, 1), encoding=wide)
        return None
    return text


def _bytes(path: Path) -> bytes:
    """What a file holds, of a large one more than is allowed. OSError for what is no file: a pipe would never end."""
    if path.is_dir():
        next(path.iterdir(), None)
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _seems(raw: bytes) -> str | None:
    if wide := _wide(raw):
        return wide
    for codec, name in _JAPANESE:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        # Python gives the bytes that cp932 leaves undefined a private character.
        if not any("\ue000" <= character <= "\uf8ff" for character in text):
            return name
    return None


def _wide(raw: bytes) -> str | None:
    """UTF-16 or UTF-32 by its mark, or by the zeros in every ASCII character of it."""
    if mark := next((name for sign, name in _WIDE_MARKS if raw.startswith(sign)), None):
        return mark
    zeros = sorted(raw[:_SAMPLE][part::2].count(0) for part in (0, 1))
    return "UTF-16" if 4 * zeros[1] > len(raw[:_SAMPLE]) // 2 > 0 and zeros[0] * 4 < zeros[1] else None
