"""Lines for the operator -> Slack messages as JSON payloads, the parent first. Pure.

Lines quote what editors typed and sites answered: they stand in rich text, which has no markup, and escaped in `text`.
"""

import json
from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import RichTextBlock, RichTextElementParts, RichTextSectionElement

from monitor.sinks.slack import marks
from monitor.stages.wording import inert, shortened

#: Slack takes 3,000 characters of text; the mark of a repeat may still come before them.
_MAX_TEXT = 2_500
_MAX_LINES = 40
_LINE = 400
_Text = RichTextElementParts.Text


def render_note(lines: Sequence[str]) -> tuple[str, ...]:
    """The messages of a note, whose first line is its heading."""
    return tuple(_payload(part, headed=number == 0) for number, part in enumerate(_parts(lines)))


def _parts(lines: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for line in (shortened(inert(line).strip(), _LINE) for line in lines):
        length = len(marks.escaped(line, _MAX_TEXT)) + 1
        if part and (size + length > _MAX_TEXT or len(part) == _MAX_LINES):
            yield part
            part, size = [], 0
        if line:
            part.append(line)
            size += length
    yield part


def _payload(lines: Sequence[str], *, headed: bool) -> str:
    sections = [
        RichTextSectionElement(elements=[_Text(text=line, style=_bold() if headed and not number else None)])
        for number, line in enumerate(lines)
    ]
    message = {
        "text": "\n".join(marks.escaped(line, _MAX_TEXT) for line in lines),
        "blocks": [RichTextBlock(elements=sections).to_dict()],
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(message, ensure_ascii=False)


def _bold() -> RichTextElementParts.TextStyle:
    return RichTextElementParts.TextStyle(bold=True)
