"""How fast a folder of rules is loaded and compiled, beside a bare parse of the same text.

    python benchmarks/loading.py [--terms 100 10000 100000]

Rules of five terms each (of the news, see news.py), 500 to a file, written as editors write them: every other rule as a
flow list, the rest as block lists, some with a channel and a time. Prints seconds of CPU and the peak memory of a process
that does nothing else; `yaml` is `yaml.load` with libyaml's CSafeLoader, which reports no mistake and remembers no line.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import news

PER_RULE, PER_FILE = 5, 500
#: Signs that mean something to YAML.
QUOTED = set(":#[]{},&*!|>'%@`")


def rule_text(order: int, terms: list[str]) -> str:
    words = [f'"{term}"' if QUOTED & set(term) else term for term in terms]
    lines = [f"  - name: ルール{order}"]
    lines += [f"    any: [{', '.join(words)}]"] if order % 2 else ["    any:", *(f"      - {word}" for word in words)]
    if order % 3 == 0:
        lines += ['    notify: "#news"']
    if order % 5 == 0:
        lines += ["    when: now"]
    return "\n".join(lines)


def write_rules(folder: Path, count: int) -> None:
    terms = news.terms(count)
    rules = [rule_text(order, terms[start : start + PER_RULE]) for order, start in enumerate(range(0, count, PER_RULE))]
    for number in range(0, len(rules), PER_FILE):
        text = "rules:\n" + "\n".join(rules[number : number + PER_FILE]) + "\n"
        (folder / f"{number:06}.yaml").write_text(text, encoding="utf-8")


def measure(folder: Path, way: str) -> list[float]:
    """The fastest of three processes."""
    command = [sys.executable, Path(__file__).with_name("loading_once.py"), way, folder]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(3)]
    return min([float(number) for number in run] for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--terms", type=int, nargs="*", default=[100, 10_000, 100_000])
    wanted = parser.parse_args()
    print(f"{'terms':>8} {'rules':>7} {'yaml s':>7} {'MB':>5} {'load s':>7} {'compile s':>9} {'MB':>5}")
    for count in wanted.terms:
        with tempfile.TemporaryDirectory() as folder:
            write_rules(Path(folder), count)
            floor, room = measure(Path(folder), "yaml")
            load, compiling, most = measure(Path(folder), "ours")
        rules = f"{count // PER_RULE:,}"
        print(f"{count:>8,} {rules:>7} {floor:>7.2f} {room:>5.0f} {load:>7.2f} {compiling:>9.2f} {most:>5.0f}")


if __name__ == "__main__":
    main()
