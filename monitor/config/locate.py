"""TOML text -> line and column of each key, for messages. Pure.

tomllib gives values without positions, so the lines are read once more; inside multi-line values a key's own line is the answer.
"""

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""(\s*)((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")

Path = tuple[str | int, ...]


def locate_keys(text: str) -> dict[Path, tuple[int, int]]:
    """Path of each table and key, array tables counted from 0 -> (line, column), both from 1."""
    places: dict[Path, tuple[int, int]] = {}
    arrays: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
                table = (*table, arrays[table])
            places.setdefault(table, (number, line.index("[") + 1))
        elif key := _KEY.match(line):
            places.setdefault(table + _parts(key[2]), (number, len(key[1]) + 1))
    return places


def find_place(places: dict[Path, tuple[int, int]], path: Path) -> tuple[int, int] | None:
    """The place of a path, or of the nearest thing around it."""
    while path:
        if path in places:
            return places[path]
        path = path[:-1]
    return None


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
