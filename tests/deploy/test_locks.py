"""The locks: exact versions, held against hashes, from nowhere in particular; the small ones are parts of the large one."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-run.lock", "requirements-build.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def blocks(name: str) -> dict[str, str]:
    """Package -> its lines in a lock."""
    text = (ROOT / name).read_text(encoding="utf-8").strip()
    found = re.split(r"\n(?=\S)", text)
    return {re.match(r"[\w.-]+", block)[0]: block for block in found}


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_exact_and_has_a_hash(name):
    for block in blocks(name).values():
        assert re.match(r"[\w.-]+==\S+( ; [^\n]+)? \\\n", block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS[1:])
def test_a_small_lock_is_a_part_of_the_large_one(name):
    large = blocks("requirements.lock")
    for package, block in blocks(name).items():
        if package in large:
            assert block.split()[0] == large[package].split()[0], package
            assert set(re.findall(r"sha256:\w+", block)) == set(re.findall(r"sha256:\w+", large[package])), package
        else:
            pytest.fail(f"{package} is not in requirements.lock")


def test_what_runs_brings_its_dependencies_and_no_tools():
    run = set(blocks("requirements-run.lock"))
    needed = {re.match(r"[\w.-]+", one)[0].lower() for one in PROJECT["dependencies"]}
    tools = {re.match(r"[\w.-]+", one)[0].lower() for one in PROJECT["optional-dependencies"]["dev"]}
    assert needed <= run
    assert run & tools == set()
    assert "hatchling" in blocks("requirements-build.lock")
