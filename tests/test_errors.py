"""Errors know what they say in both languages, later and elsewhere, too."""

import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import (
    BlockedError,
    ConfigError,
    FetchError,
    MonitorError,
    NotStoredError,
    ParseError,
    recall,
    recalled_code,
)


def test_says_itself_in_both_languages():
    error = FetchError("fetch.address", url="https://example.jp/a", status=404)
    assert "example.jp" in error.message("ja")
    assert str(error) == error.message("en") != error.message("ja")


def test_comes_home_from_a_child_process():
    error = pickle.loads(pickle.dumps(ParseError("parsing.timeout", url="https://example.jp/", seconds=5)))
    assert isinstance(error, ParseError)
    assert "example.jp" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        ParseError("parsing.timeout", url="https://example.jp/", seconds=5.0),
        NotStoredError("sinks.rate-limited", seconds=30.4, retry_after=timedelta(seconds=30.4)),
        FetchError("fetch.server", url="https://example.jp/", answer="HTTP 503", status=503),
        MonitorError("stores.full", path=Path("monitor.db"), detail=ValueError("full")),
    ],
)
def test_is_told_later_in_either_language(error):
    assert recalled_code(error.memo()) == error.code
    for language in ("ja", "en"):
        assert recall(error.memo(), language) == error.message(language)


@pytest.mark.parametrize(
    "memo",
    ["", "an old sentence", "[]", '{"code": "fetch.no-such-code", "facts": {}}', '{"code": "nowhere.x", "facts": {}}'],
)
def test_what_is_no_longer_known_is_shown_as_it_was_kept(memo):
    assert recall(memo, "en") == memo


def test_nothing_kept_has_no_code():
    assert recalled_code(None) is None


def test_a_config_error_carries_its_findings():
    assert ConfigError("config.invalid", findings=("a", "b"), count=2).findings == ("a", "b")
    assert not MonitorError("config.invalid", count=1).temporary


def test_what_slack_asked_for_is_carried():
    assert NotStoredError("app.bug", retry_after=timedelta(seconds=3), what="x").retry_after == timedelta(seconds=3)
    assert BlockedError("app.bug", whole_workspace=True, what="x").whole_workspace
