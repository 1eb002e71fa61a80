"""Dockerfile, .dockerignore and compose.yaml: what must hold of them, read as text, since no Docker runs the tests."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from monitor.config.settings import Config

ROOT = Path(__file__).parents[2]
SERVICE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["monitor"]


def instructions() -> list[tuple[str, str]]:
    """(instruction, rest) in order; lines that go on are joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


INSTRUCTIONS = instructions()
FINAL = INSTRUCTIONS[max(n for n, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM") :]


def final(word: str) -> str:
    (rest,) = (rest for name, rest in FINAL if name == word)
    return rest


def test_the_base_is_small_and_can_be_pinned():
    assert INSTRUCTIONS[0] == ("ARG", "PYTHON=python:3.11-slim")
    assert [rest for word, rest in INSTRUCTIONS if word == "FROM"] == ["${PYTHON} AS build", "${PYTHON}"]


@pytest.mark.parametrize("word", ["RUN", "ENTRYPOINT", "CMD"])
def test_no_shell_stands_between(word):
    """The exec form: signals reach the daemon, and nothing is expanded."""
    found = [rest for name, rest in INSTRUCTIONS if name == word]
    assert found
    assert all(isinstance(json.loads(rest), list) for rest in found)


def test_what_is_installed_is_held_against_its_hash_or_is_our_own():
    installs = [json.loads(rest) for word, rest in INSTRUCTIONS if word == "RUN" and '"install", "--' in rest]
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or {"--no-deps", "--no-index"} <= set(install)


def test_it_is_not_root():
    assert final("USER") == "10001:10001"
    made = {command[0]: command for word, rest in FINAL if word == "RUN" for command in [json.loads(rest)]}
    assert made["groupadd"] == ["groupadd", "--gid", "10001", "monitor"]
    assert made["useradd"][1:5] == ["--uid", "10001", "--gid", "10001"]
    assert [word for word, _ in FINAL].index("USER") < [word for word, _ in FINAL].index("ENTRYPOINT")
    assert "user" not in SERVICE


def test_it_stops_as_the_daemon_does():
    assert final("STOPSIGNAL") == "SIGTERM"
    assert SERVICE["stop_grace_period"] == "30s"


def test_the_health_check_asks_where_the_daemon_listens():
    form = final("HEALTHCHECK").partition("CMD ")[2]
    python, flag, program = json.loads(form)
    assert (python, flag) == ("python", "-c")
    ast.parse(program)
    assert f"http://{Config.model_validate({'timezone': 'UTC'}).http.listen}/livez" in program


def test_only_what_the_image_is_made_of_is_sent_to_docker():
    """A slack-token beside compose.yaml never gets into a layer."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {line[1:] for line in rules if line.startswith("!")}
    copied = {
        name
        for word, rest in INSTRUCTIONS
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_wheel_can_be_built_of_what_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    copied = " ".join(rest for word, rest in INSTRUCTIONS if word == "COPY").split()
    assert {project["readme"], *project["license-files"], "pyproject.toml", "monitor"} <= set(copied)


def test_the_container_may_do_little():
    assert SERVICE["read_only"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert SERVICE["mem_limit"] == "2g"
    assert SERVICE["pids_limit"] == 256
    assert "privileged" not in SERVICE
    assert "ports" not in SERVICE


def test_it_writes_its_state_and_nothing_else():
    assert SERVICE["volumes"] == ["state:/var/lib/monitor", "./config:/etc/monitor:ro"]
    assert final("VOLUME") == "/var/lib/monitor"
    assert [mount.partition(":")[0] for mount in SERVICE["tmpfs"]] == ["/tmp"]
    assert "SQLITE_TMPDIR=/var/lib/monitor" in final("ENV")


def test_the_token_is_a_secret_and_nowhere_else():
    """Docker lays secrets where the daemon looks for systemd's credentials."""
    assert SERVICE["secrets"] == ["slack_bot_token"]
    assert "CREDENTIALS_DIRECTORY=/run/secrets" in final("ENV")
    assert "environment" not in SERVICE
