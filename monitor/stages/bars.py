"""Numbers by day -> a line of bars, one a day or one for several days. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta

_BLOCKS = "·▁▂▃▄▅▆▇█"
#: For terminals and files that hold ASCII alone: the height as a digit.
_DIGITS = ".12345678"


def bars(days: Mapping[date, int], first: date, last: date, *, width: int, plain: bool = False) -> str:
    """From the first to the last day; at most `width` bars, the highest of them full."""
    sums = _sums(days, first, last, max(1, width))
    signs = _DIGITS if plain else _BLOCKS
    highest = max(sums)
    # Something is never shown as nothing.
    return "".join(signs[-(-count * (len(signs) - 1) // highest)] if count else signs[0] for count in sums)


def _sums(days: Mapping[date, int], first: date, last: date, width: int) -> list[int]:
    length = (last - first).days + 1
    step = -(-length // width)
    # The last bar, which is today's, is never of fewer days than the others: what is left over stands in the first.
    ends = range(length - 1, -1, -step)
    sums = [
        sum(days.get(first + timedelta(days=day), 0) for day in range(max(0, end - step + 1), end + 1)) for end in ends
    ]
    return sums[::-1]
