"""The house keeps its own order: floors, sizes, one room per library, the docs."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from monitor.commands import SUMMARIES
from monitor.messages import LANGUAGES

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "monitor"
FILES = sorted(HOUSE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
FUNCTIONS = [
    (path, node)
    for path, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]

#: Each third-party library is at home in these rooms and nowhere else.
HOMES = {
    "ahocorasick_rs": {"rules"},
    # slack_sdk raises aiohttp's errors.
    "aiohttp": {"fetch", "demo", "eyes", "sinks"},
    "apscheduler": {"engines"},
    "bs4": {"sources", "stages"},
    "brotli": {"fetch"},
    "chardet": {"text"},
    "click": {"commands", "session"},
    "dateutil": {"sources", "stages", "session"},
    "feedparser": {"sources"},
    "holidays": {"plan"},
    "jinja2": {"preview", "demo"},
    "lxml": {"sources", "stages"},
    "prometheus_client": {"eyes"},
    "py3langid": {"stages"},
    "pydantic": {"config"},
    "pydantic_core": {"config", "session"},
    "re2": {"rules"},
    "rich": {"commands", "terminal", "sinks", "rules"},
    "slack_sdk": {"sinks"},
    "soupsieve": {"config", "stages"},
    "sqlite3": {"stores"},
    "sqlite_utils": {"stores"},
    "structlog": {"app", "engines", "eyes", "housekeeping", "journal", "log"},
    "sudachipy": {"text"},
    "trafilatura": {"stages"},
    "yaml": {"rules", "demo"},
    # aiohttp's addresses.
    "yarl": {"fetch"},
}
BROAD = {"Exception", "BaseException"}
OURS = sys.stdlib_module_names | {"monitor"}
#: Where a package is called otherwise than what is imported.
PACKAGES = {
    "ahocorasick_rs": "ahocorasick-rs",
    "bs4": "beautifulsoup4",
    "prometheus_client": "prometheus-client",
    "dateutil": "python-dateutil",
    "pydantic_core": "pydantic",
    "re2": "google-re2",
    "slack_sdk": "slack-sdk",
    "sqlite_utils": "sqlite-utils",
    "yaml": "pyyaml",
}


def lines(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1


def room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "command",
    [("lint-imports", "--no-cache"), ("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=" ".join,
)
def test_the_linters_find_nothing(command):
    """Floors and doors (import-linter), style (ruff) and types (mypy strict)."""
    tool, *arguments = command
    done = subprocess.run(
        [Path(sys.executable).with_name(tool), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_library_is_at_home_in_one_room():
    strays = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {name.partition(".")[0] for name in names} - OURS:
                if room(path) not in HOMES.get(name, set()):
                    strays += [f"{path.relative_to(ROOT)}: {name}"]
    assert strays == []


def test_each_library_is_a_dependency_of_ours():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.match(r"[\w.-]+", one)[0].lower() for one in project["dependencies"]}
    assert {PACKAGES.get(name, name) for name in HOMES if name not in OURS} <= declared


def test_functions_are_small():
    sizes = sorted(lines(node) for _, node in FUNCTIONS)
    longest = {f"{path.relative_to(ROOT)}:{node.name}": lines(node) for path, node in FUNCTIONS if lines(node) > 50}
    assert longest == {}
    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.9)] <= 30


def test_files_are_small():
    assert {
        str(path.relative_to(ROOT)): n
        for path in FILES
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    } == {}


def test_functions_take_few_arguments():
    crowded = []
    for path, node in FUNCTIONS:
        positional = [arg.arg for arg in node.args.posonlyargs + node.args.args if arg.arg not in {"self", "cls"}]
        if len(positional) > 6:
            crowded.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert crowded == []


def test_classes_keep_few_public_methods():
    crowded = {}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                public = [
                    m.name
                    for m in node.body
                    if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef) and m.name[0] != "_"
                ]
                if len(public) > 15:
                    crowded[f"{path.relative_to(ROOT)}:{node.name}"] = len(public)
    assert crowded == {}


def test_broad_excepts_stand_only_where_a_job_ends():
    broad = [
        str(path.relative_to(ROOT))
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and not isinstance(node.body[-1], ast.Raise)
        and (node.type is None or {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)} & BROAD)
    ]
    # Polling and telling end in the app, parsing in its child.
    assert broad == ["monitor/app.py", "monitor/parsing/child.py"]


def test_only_the_edges_read_the_clock():
    readers = {
        str(path.relative_to(HOUSE))
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    }
    assert readers <= {"clock.py", "session.py", "fetch/client.py", "sinks/console.py", "sinks/slack/clock.py"}


def test_every_module_says_what_it_is():
    assert [str(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_nothing_is_left_open():
    left = [str(path) for path in FILES if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text(encoding="utf-8"))]
    assert left == []


@pytest.mark.parametrize("path", sorted((HOUSE / "messages").glob("*.toml")), ids=lambda path: path.stem)
def test_every_sentence_is_in_both_languages_with_the_same_facts(path):
    for code, sentences in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert set(sentences) == set(LANGUAGES), code
        facts = [set(re.findall(r"{(\w+)", text)) for text in sentences.values()]
        assert facts[0] == facts[1], code


def test_the_folder_listing_is_the_command_list():
    commands = {path.stem for path in (HOUSE / "commands").glob("*.py")} - {"__init__"}
    assert commands == set(SUMMARIES)


class TestTheLock:
    LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    def test_names_no_host(self):
        assert "://" not in self.LOCK
        assert "index" not in self.LOCK

    def test_pins_every_package_with_hashes(self):
        for block in re.split(r"\n(?=\S)", self.LOCK.strip()):
            assert re.match(r"[\w.-]+==\S+", block), block
            assert "--hash=sha256:" in block

    def test_holds_every_dependency(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
        names = {re.match(r"[\w.-]+", one)[0].lower().replace("_", "-") for one in wanted}
        pinned = set(re.findall(r"^([\w.-]+)==", self.LOCK, re.MULTILINE))
        assert names <= pinned
