"""Folder of rule files -> their texts, and what is wrong with those that cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.rules.findings import Lines, Report, Spot

MAX_BYTES = 10_000_000
_SUFFIXES = {".yaml", ".yml"}
# Tried in this order: text in Shift_JIS is hardly ever valid EUC-JP, while the reverse often holds.
_JAPANESE = (("euc_jp", "EUC-JP"), ("cp932", "Shift_JIS"))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One file as read; `text` is `None` where it could not be read, and the report says why."""

    name: str
    text: str | None
    report: Report


def rule_files(folder: Path) -> list[Path]:
    """Every rule file below the folder, sorted; hidden files and folders are left out, links are followed."""
    return sorted(_walk(folder, frozenset()))


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, above | {real})
        elif entry.suffix.lower() in _SUFFIXES:
            yield entry


def read_file(path: Path) -> RuleFile:
    """Read one file as UTF-8, with or without a byte order mark."""
    report = Report(str(path))
    text = _read(path, report)
    if text is not None:
        report = Report(str(path), lines=Lines(text))
    return RuleFile(name=str(path), text=text, report=report)


def _read(path: Path, report: Report) -> str | None:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        report.error("unreadable", reason=error.strerror or type(error).__name__)
        return None
    if len(raw) > MAX_BYTES:
        report.error("too-large", limit=f"{MAX_BYTES // 1_000_000} MB")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        report.error("not-utf8", Spot(line, 1), encoding=_seems(raw))
        return None


def _seems(raw: bytes) -> str:
    if raw.startswith(_UTF16):
        return "UTF-16"
    for codec, name in _JAPANESE:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        # Python gives the bytes that cp932 leaves undefined a private character.
        if not any("\ue000" <= character <= "\uf8ff" for character in text):
            return name
    return "?"
