"""Text -> Slack's own marks: mrkdwn escapes, links, dates, mentions. Pure.

Only the top-level `text` of a message is mrkdwn; blocks are rich text, which has no marks to break out of.
Source of the escapes: docs.slack.dev, "Formatting message text".
"""

import re
from datetime import datetime

from slack_sdk.models.blocks import RichTextElement, RichTextElementParts

from monitor.stages.wording import inert, linkable, shortened, whole

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: These cannot be escaped; a word joiner after them keeps them from opening or closing a style.
_STYLES = "*_~`"
_WORD_JOINER = "\u2060"
_BROADCASTS = {"@here": "here", "@channel": "channel", "@everyone": "everyone"}
_USER = re.compile(r"@?([UW][A-Z0-9]{6,})")
_GROUP = re.compile(r"@?(S[A-Z0-9]{6,})")
#: Of Unix time in 32 bits.
_LAST_SECOND = 2**31
#: Slack shows it in the reader's own zone: "Today 8:30 AM", "今日 8:30".
DATE_FORMAT = "{date_short_pretty} {time}"


def escaped(text: str, limit: int) -> str:
    """Foreign text for mrkdwn, at most `limit` characters after escaping; never cut inside an escape."""
    plain = inert(text)
    length = 0
    for index, char in enumerate(plain):
        length += len(_escaped(char))
        if length > limit - 1:
            return "".join(map(_escaped, plain[: whole(plain, index)].rstrip())) + "…"
    return "".join(map(_escaped, plain))


def _escaped(char: str) -> str:
    return _ESCAPES.get(char, char + _WORD_JOINER if char in _STYLES else char)


def link(url: str, label: str, limit: int) -> str:
    """`<url|label>`, or the label alone where the address cannot be a link."""
    safe = linkable(url)
    words = escaped(label, limit).replace("|", "｜")
    return f"<{safe.replace('&', '&amp;')}|{words}>" if safe else words


def date(at: datetime, fallback: str) -> str:
    """An instant in the reader's own zone."""
    return f"<!date^{int(at.timestamp())}^{DATE_FORMAT}|{fallback}>" if _is_datable(at) else fallback


def date_element(at: datetime, fallback: str) -> RichTextElement:
    """An instant in the reader's own zone, as an element of rich text."""
    if not _is_datable(at):
        return RichTextElementParts.Text(text=fallback)
    return RichTextElementParts.Date(timestamp=int(at.timestamp()), format=DATE_FORMAT, fallback=fallback)


def _is_datable(at: datetime) -> bool:
    """Slack takes positive numbers, and refuses a message for one that is not."""
    return 0 < at.timestamp() < _LAST_SECOND


def is_handle(mention: str) -> bool:
    """Whether it is a name, which mentions nobody until its id is known."""
    return mention not in _BROADCASTS and not _USER.fullmatch(mention) and not _GROUP.fullmatch(mention)


def mention_mark(mention: str) -> str:
    """A rule's mention as mrkdwn; a handle stays text, since only ids can mention."""
    if mention in _BROADCASTS:
        return f"<!{_BROADCASTS[mention]}>"
    if user := _USER.fullmatch(mention):
        return f"<@{user[1]}>"
    if group := _GROUP.fullmatch(mention):
        return f"<!subteam^{group[1]}>"
    return escaped(mention, 60)


def mention_element(mention: str) -> RichTextElement:
    """A rule's mention as an element of rich text."""
    if mention in _BROADCASTS:
        return RichTextElementParts.Broadcast(range=_BROADCASTS[mention])
    if user := _USER.fullmatch(mention):
        return RichTextElementParts.User(user_id=user[1])
    if group := _GROUP.fullmatch(mention):
        return RichTextElementParts.UserGroup(usergroup_id=group[1])
    return RichTextElementParts.Text(text=shortened(inert(mention), 60) or "@")
