"""Rule files written into a temporary folder and loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.messages import say
from monitor.model import Finding
from monitor.rules.book import RuleBook
from monitor.rules.load import load_rules

CHANNELS = ("crisis", "desk")


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., RuleBook]:
    """`load("- NATO", other="- EU")`: files main.yaml, other.yaml -> RuleBook."""

    def loaded(text: str | bytes, **others: str | bytes) -> RuleBook:
        for name, content in {"main": text, **others}.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"{name}.yaml").write_bytes(raw)
        return load_rules(tmp_path, channels=CHANNELS)

    return loaded


def told(finding: Finding) -> tuple[str, str]:
    """What a finding says in both languages, its hint included: every fact must be there, every code known."""
    facts = dict(finding.facts)
    for language in ("ja", "en"):
        say(finding.code + "-hint", language, **facts)
    return say(finding.code, "en", **facts), say(finding.code + "-hint", "en", **facts)
