"""Digests -> one self-contained HTML page: no scripts, nothing loaded, foreign text escaped.

It is drawn from the very messages that would be sent, so that what is seen is what is told, splits included.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.model import Digest
from monitor.sinks.slack.render import render
from monitor.stages.wording import Wording, inert

_TEMPLATES = Environment(
    loader=PackageLoader("monitor.preview", ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def preview_html(digests: Sequence[Digest], *, language: str, zone: ZoneInfo, times: Sequence[str] = ()) -> str:
    """The page, in a language; times in the zone. `times`: what stands above each digest, if anything."""
    wording = Wording(language=language, zone=zone)
    return _TEMPLATES.get_template("page.html.j2").render(
        language=language,
        wording=wording,
        digests=[
            {**_shown(digest, wording, language), "goes_out": goes_out}
            for digest, goes_out in zip(digests, times or [""] * len(digests), strict=True)
        ],
    )


def _shown(digest: Digest, wording: Wording, language: str) -> Mapping[str, Any]:
    parent, *replies = (json.loads(one)["blocks"] for one in render(digest, language=language, zone=wording.zone))
    return {
        "channel": inert(digest.channel).lstrip("#"),
        "destination": inert(digest.destination),
        "day": wording.day(digest.composed_at, digest.composed_at),
        "clock": wording.clock(digest.composed_at),
        "iso": _iso(digest.composed_at),
        "parent": parent,
        "replies": replies,
    }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
