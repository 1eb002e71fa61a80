"""A message for Slack -> what Slack would refuse it for. The figures and where they come from stand in `LIMITS`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

#: docs.slack.dev reference pages of each block unless said otherwise.
LIMITS = {
    "blocks": 50,
    "header": 150,
    "section": 3_000,
    "fields": 10,
    "field": 2_000,
    "context": 10,
    "text object": 3_000,
    "actions": 25,
    "button": 75,
    "markdown": 12_000,
    "block_id": 255,
    "image_url": 3_000,
    # No published figure for one text of rich text; a text object's is taken.
    "rich text": 3_000,
    # The documented 40,000 is old: above 4,000 a message is split or refused (slack-ruby-client#259, slack-go#972).
    "text": 4_000,
    # Undocumented: 17,694 characters of JSON with 11,341 of text were refused, 15,561 with 9,597 taken (bolt-js#2867).
    "all blocks, JSON": 16_000,
    "all blocks, texts": 11_000,
    "metadata": 8_000,
}
_RICH = ("rich_text_section", "rich_text_quote", "rich_text_list", "rich_text_preformatted")


def refusal(message: Mapping[str, Any]) -> str | None:
    """Slack's error for this message, or `None` if it is within every limit."""
    blocks, text = message.get("blocks") or [], message.get("text") or ""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return "invalid_blocks_format"
    if not text.strip() and not blocks:
        return "no_text"
    if len(text) > LIMITS["text"]:
        return "msg_too_long"
    if len(blocks) > LIMITS["blocks"] or any(faults(block) for block in blocks):
        return "invalid_blocks"
    everything = json.dumps(blocks, ensure_ascii=False)
    if len(everything) > LIMITS["all blocks, JSON"] or sum(map(len, _strings(blocks))) > LIMITS["all blocks, texts"]:
        return "msg_blocks_too_long"
    return _metadata_refusal(message.get("metadata"))


def faults(block: Mapping[str, Any]) -> list[str]:
    """What is wrong with one block."""
    checks = {
        "header": _header,
        "section": _section,
        "context": _context,
        "rich_text": _rich_text,
        "markdown": lambda block: _length("markdown", block.get("text")),
        "divider": lambda _block: iter(()),
        "image": _image,
        "actions": _actions,
    }
    kind = block.get("type")
    if kind not in checks:
        return [f"unknown block {kind}"]
    found = list(checks[kind](block))
    if len(block.get("block_id", "x")) not in range(1, LIMITS["block_id"] + 1):
        found.append("block_id")
    return found


def _metadata_refusal(metadata: Any) -> str | None:
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        return "invalid_metadata_format"
    if not isinstance(metadata.get("event_payload"), dict):
        return "invalid_metadata_schema"
    return "metadata_too_large" if len(json.dumps(metadata)) > LIMITS["metadata"] else None


def _length(what: str, text: Any) -> Iterator[str]:
    if not isinstance(text, str) or not 1 <= len(text) <= LIMITS[what]:
        yield f"{what}: {len(text) if isinstance(text, str) else text!r}"


def _text_object(what: str, value: Any, *kinds: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield f"{what}: not a text object of {kinds}"
    else:
        yield from _length(what, value.get("text"))
        if "emoji" in value and value["type"] != "plain_text":
            yield f"{what}: emoji outside plain_text"


def _header(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _text_object("header", block.get("text"), "plain_text")


def _section(block: Mapping[str, Any]) -> Iterator[str]:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        yield "section: empty"
    if "text" in block:
        yield from _text_object("section", block["text"], "plain_text", "mrkdwn")
    if len(fields) > LIMITS["fields"]:
        yield "section: fields"
    for one in fields:
        yield from _text_object("field", one, "plain_text", "mrkdwn")


def _context(block: Mapping[str, Any]) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= LIMITS["context"]:
        yield f"context: {len(elements)} elements"
    for element in elements:
        if element.get("type") != "image":
            yield from _text_object("text object", element, "plain_text", "mrkdwn")


def _image(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _length("image_url", block.get("image_url"))
    yield from _length("field", block.get("alt_text"))


def _actions(block: Mapping[str, Any]) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= LIMITS["actions"]:
        yield f"actions: {len(elements)} elements"
    for element in elements:
        yield from _text_object("button", element.get("text"), "plain_text")


def _rich_text(block: Mapping[str, Any]) -> Iterator[str]:
    elements = block.get("elements") or []
    if not elements:
        yield "rich text: empty"
    for element in elements:
        if element.get("type") not in _RICH or not element.get("elements"):
            yield f"rich text: {element.get('type')} without content"
        for part in element.get("elements") or []:
            yield from _rich_part(part)


def _rich_part(part: Mapping[str, Any]) -> Iterator[str]:
    needs = {
        "text": ("text",),
        "link": ("url",),
        "date": ("timestamp", "format"),
        "user": ("user_id",),
        "usergroup": ("usergroup_id",),
        "broadcast": ("range",),
        "emoji": ("name",),
        "channel": ("channel_id",),
        "rich_text_section": ("elements",),
    }
    kind = str(part.get("type"))
    if kind not in needs:
        yield f"rich text: unknown {kind}"
    for name in needs.get(kind, ()):
        if not part.get(name):
            yield f"rich text: {kind} without {name}"
    for name in ("text", "url", "fallback"):
        if name in part:
            yield from _length("rich text", part[name])
    for inner in part.get("elements") or []:
        yield from _rich_part(inner)


def _strings(value: Any) -> Iterator[str]:
    """Every text that a reader would see."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("text", "fallback") and isinstance(inner, str):
                yield inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
