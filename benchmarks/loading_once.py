"""One load in a process of its own: the work of `loading.py`, which starts it.

    python benchmarks/loading_once.py (ours|yaml) FOLDER

Prints seconds of CPU (ours: of loading, then of compiling) and the peak memory of the process in MB.
"""

import re
import sys
import time
from pathlib import Path

import yaml

from monitor.rules.load import load_rules
from monitor.rules.matcher import compile_rules


def peak() -> float:
    """The most memory that this process has had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) / 1024


def parse(folder: Path) -> list[float]:
    start = time.process_time()
    parsed = [yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in sorted(folder.iterdir())]
    assert parsed
    return [time.process_time() - start]


def load(folder: Path) -> list[float]:
    start = time.process_time()
    book = load_rules(folder, channels=())
    loaded = time.process_time()
    compile_rules(book.rules)
    return [loaded - start, time.process_time() - loaded]


if __name__ == "__main__":
    way, place = sys.argv[1:]
    print(*(parse if way == "yaml" else load)(Path(place)), peak())
