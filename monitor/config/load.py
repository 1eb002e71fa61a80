"""Path + environment -> Config, or ConfigError with every finding."""

import difflib
import os
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from monitor.config.locate import find_place, locate_keys
from monitor.config.review import review
from monitor.config.settings import Config, SourceConfig
from monitor.errors import ConfigError
from monitor.messages import LANGUAGES
from monitor.model import Finding, Severity

SYSTEM_CONFIG = Path("/etc/monitor/config.toml")
#: Custom error types of `settings`, each with a message of its own.
_OWN_CODES = frozenset(
    {
        "duration",
        "size",
        "clock",
        "zone",
        "days",
        "quiet",
        "initial",
        "web-address",
        "slack-channel",
        "slack-channel-meant",
        "header",
        "every",
        "listen",
        "too-brief",
        "contact",
        "no-home",
        "path",
    }
)

#: What tomllib says -> what it mostly comes of.
_SYNTAX = (
    (re.compile(r"Cannot declare \((.+)\) twice"), "config.table-twice"),
    (re.compile(r"Cannot overwrite a value"), "config.key-twice"),
    (re.compile(r"Unclosed array"), "config.unclosed-array"),
)
#: Where a webhook is looked for under [slack].
_WEBHOOK_KEYS = frozenset(("webhook", "webhook_url", "webhook_file", "webhook_env"))
#: What must not stand in the file, and is not shown again.
_SECRET = re.compile(r"xox[a-z]-|xapp-|https://hooks\.slack\.com/")

#: pydantic's error types -> messages of ours, in both languages.
_CODES = {
    **dict.fromkeys(("tuple_type", "list_type"), "config.not-a-list"),
    **dict.fromkeys(("string_type", "path_type"), "config.not-a-text"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"), "config.not-a-number"
    ),
    **dict.fromkeys(("bool_type", "bool_parsing"), "config.not-a-flag"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "config.not-a-table"),
    **dict.fromkeys(("ip_v4_network", "ip_v6_network"), "config.not-a-network"),
    "literal_error": "config.not-one-of",
    "greater_than_equal": "config.too-small",
    "less_than_equal": "config.too-large",
    "string_pattern_mismatch": "config.not-a-language",
    "string_too_short": "config.empty",
    "string_too_long": "config.too-long",
}


def find_config(explicit: str | None, environment: Mapping[str, str]) -> Path:
    """--config, else $MONITOR_CONFIG, else ./config.toml, else /etc/monitor/config.toml."""
    if explicit or environment.get("MONITOR_CONFIG"):
        return Path(explicit or environment["MONITOR_CONFIG"])
    here = Path("config.toml")
    # Unlike Path.exists, this answers "no" where the folder may not even be entered.
    return SYSTEM_CONFIG if not os.path.exists(here) and os.path.exists(SYSTEM_CONFIG) else here  # noqa: PTH110


def load_config(path: Path) -> Config:
    """Read and judge the whole file. Relative paths in it are relative to it."""
    return review_config(path)[0]


def review_config(path: Path) -> tuple[Config, tuple[Finding, ...]]:
    """Likewise, with what is to be warned of."""
    return review_text(path, _read(path))


def review_text(path: Path, text: str) -> tuple[Config, tuple[Finding, ...]]:
    """Likewise, of what the file might come to say."""
    draft = _Draft(path, text)
    raw = draft.parse()
    config = draft.validate(raw)
    findings = review(config, draft.find) if config else []
    findings = [*draft.findings, *findings]
    if config is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise ConfigError("config.invalid", findings=tuple(findings), count=len(findings))
    return config, tuple(findings)


def stated_language(path: Path) -> str | None:
    """The language that a file asks for, whatever else is wrong in it."""
    try:
        head = re.split(r"^\s*\[", _read(path), maxsplit=1, flags=re.MULTILINE)[0]
    except ConfigError:
        return None
    found = re.search(r"""^\s*language\s*=\s*["'](\w+)["']""", head, re.MULTILINE)
    return found[1] if found and found[1] in LANGUAGES else None


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _refuse(path, "config.missing-file", path=path) from None
    except IsADirectoryError:
        raise _refuse(path, "config.is-folder", path=path) from None
    except OSError as error:
        raise _refuse(path, "config.unreadable", path=path, why=error.strerror) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refuse(path, "config.not-utf8", path=path, offset=error.start + 1) from None


def _refuse(file: Path, code: str, **facts: object) -> ConfigError:
    finding = Finding(severity=Severity.ERROR, code=code, facts=tuple(facts.items()), file=str(file))
    return ConfigError("config.invalid", findings=(finding,), count=1)


class _Draft:
    """One file on its way to a Config, with what is wrong in it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.text = text
        self.places = locate_keys(text)
        self.findings: list[Finding] = []

    def find(
        self, code: str, at: tuple[str | int, ...], severity: Severity = Severity.ERROR, **facts: object
    ) -> Finding:
        """A finding at the place of a key."""
        line, column = find_place(self.places, at) or (None, None)
        return Finding(
            severity=severity,
            code=code,
            facts=tuple(facts.items()),
            file=str(self.path),
            line=line,
            column=column,
            source_line=self.lines[line - 1] if line else None,
        )

    def parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
            line = int(found[2]) if found and found[2] else len(self.lines) or 1
            column = int(found[3]) if found and found[3] else 1
            why = found[1] if found else str(error)
            code, facts = _syntax(why)
            finding = Finding(
                severity=Severity.ERROR,
                code=code,
                facts=(*facts, ("why", why)),
                file=str(self.path),
                line=line,
                column=column,
                source_line=self.lines[line - 1] if line <= len(self.lines) else None,
            )
            raise ConfigError("config.invalid", findings=(finding,), count=1) from None

    def validate(self, raw: dict[str, Any]) -> Config | None:
        context = {"folder": self.path.parent.resolve()}
        try:
            return Config.model_validate(raw, context=context)
        except ValidationError as errors:
            # Each branch of a union complains for itself: what is said twice is said once.
            self.findings.extend(dict.fromkeys(self._explain(error) for error in errors.errors(include_url=False)))
            return None

    def _explain(self, error: Any) -> Finding:
        at = tuple(part for part in error["loc"] if not _is_branch(part))
        key = ".".join(str(part) for part in at if isinstance(part, str))
        kind, value = error["type"], error.get("input")
        if (secret := self._secret(at, value)) is not None:
            return secret
        if kind == "extra_forbidden":
            return self._unknown(at)
        if kind == "missing":
            return self.find("config.missing-key", at, key=key)
        if kind in _OWN_CODES:
            return self.find(f"config.{kind}", at, key=key, value=_show(value), **error.get("ctx", {}))
        if kind in _CODES:
            return self.find(_CODES[kind], at, key=key, value=_show(value), **error.get("ctx", {}))
        return self.find("config.wrong-type", at, key=key, value=_show(value), why=error["msg"])

    def _secret(self, at: tuple[str | int, ...], value: object) -> Finding | None:
        if not isinstance(value, str) or not _SECRET.match(value.strip()):
            return None
        code = "config.webhook-in-file" if "hooks" in value else "config.token-in-file"
        return replace(self.find(code, at, key=at[-1]), source_line=None)

    def _unknown(self, at: tuple[str | int, ...]) -> Finding:
        if at[0] == "slack" and str(at[-1]) in _WEBHOOK_KEYS:
            return self.find("config.webhook-in-slack", at, key=at[-1])
        return self.find("config.unknown-key", at, key=at[-1], suggestion=_suggest(str(at[-1]), at[:-1]))


def _syntax(why: str) -> tuple[str, tuple[tuple[str, object], ...]]:
    for pattern, code in _SYNTAX:
        if found := pattern.match(why):
            # A tuple of names as Python writes it: 'channels', 'crisis'
            names = re.findall(r"'([^']+)'", found[0])
            return code, (("name", ".".join(names)),)
    return "config.syntax", ()


def _is_branch(part: object) -> bool:
    """Pydantic names the branch of a union in the path; no key looks like that."""
    return isinstance(part, str) and (
        "[" in part or part in {"IPv4Network", "IPv6Network", "ipv4network", "ipv6network"}
    )


def _show(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return textwrap.shorten(text, 60, placeholder="…")


def _suggest(key: str, table: tuple[str | int, ...]) -> str:
    """The nearest key that this table knows, or the list of all when none is near."""
    known = list(_known_keys(table))
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return near[0] if near else ", ".join(known)


def _known_keys(table: tuple[str | int, ...]) -> Iterator[str]:
    model: type[BaseModel] = Config
    for part in table:
        if model is Config and part == "sources":
            model = SourceConfig
        elif isinstance(part, str) and part in model.model_fields:
            model = _inner(model, part)
    yield from model.model_fields


def _inner(model: type[BaseModel], name: str) -> type[BaseModel]:
    annotation = model.model_fields[name].annotation
    arguments = getattr(annotation, "__args__", ())
    kinds = (kind for kind in (annotation, *arguments) if isinstance(kind, type) and issubclass(kind, BaseModel))
    return next(kinds, model)
