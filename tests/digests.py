"""Digests of our own making, for sinks and previews."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from builders import NOW

from monitor.model import Delivery, DeliveryState, Digest, DigestEntry, DigestSection, Outlet, Snippet, TextFrom

TOKYO = ZoneInfo("Asia/Tokyo")

#: Headlines that try to mention, link, format, hide, turn round or swamp.
HOSTILE = (
    "<!channel> <!here> <!everyone>",
    "<@U012AB3CD> <#C012AB3CD> <!subteam^S012AB3CD>",
    "<http://evil.example|bank.example>",
    "&lt;!here&gt; &amp;lt;!channel&amp;gt;",
    "*bold* _italic_ ~strike~ `code` ```block```",
    "> quote\n• bullet\n■ not a rule",
    "\u202egnp.exe\u202c \u2066isolated\u2069 \u200fright\u200e",
    "\x00\x07\x1b[31mred\x1b]8;;http://evil.example\x07click\x1b]8;;\x07\x9b31m\x7f",
    "`" * 5000,
    "&" * 5000,
    "<" * 5000,
    "あ" * 10_000,
    "𠮷" * 3000,
    '"\\' * 3000,
    "\ud800 lone \udfff",
    "\ufdd0\uffff\U0010ffff\ue000",
    "",
    " \t\n\u3000",
    "\u202e\u200b",
    "</a><script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% raw %} [bold]rich[/bold] [link=file:///etc/passwd]x[/link] :tada:",
    "a|b|c",
    "<mailto:desk@evil.example|desk> tel:0120 <tel:0120|call> <!date^1^{date}|now> <!subteam^S1>",
    "https://evil.example/x www.evil.example evil.example desk@evil.example [label](https://evil.example)",
    "@here @channel @everyone @U012AB3CD #general here channel",
    "e" + "\u0301\u0327\u20dd" * 5000,
    "ﷺ" * 3000 + "𒐫" * 3000,
    "a" + "\u200d" * 5000 + "b\ufe0f\ufe0e",
    "\u3164\u115f\uffa0\u2800\u200c",
    "\U000e0041\U000e007f\ufff9note\ufffb\u180e\u061c",
    "👨\u200d👩\u200d👧" * 2000,
    "🇯🇵" * 2000,
    "か\u3099" * 4000,
    "</time></a><!-- ]]> --><style>*{display:none}</style>&nbsp;&#60;b&#62;",
)
HOSTILE_URLS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://news.example/a|<!channel>",
    "https://news.example/a b",
    "https://news.example/>\n<!here>",
    'https://news.example/"onmouseover="alert(1)',
    "https://news.example/" + "a" * 5000,
    "https://news.example/?" + "&" * 1000,
    "https://news.example/\x1b]8;;x",
    "",
    "//news.example/",
    "JAVASCRIPT:alert(1)//https://news.example/",
    "vbscript:x",
    "file:///etc/passwd",
    " https://news.example/",
    "https://news.example/\u202egpj.exe",
    "https://news.example/\ue000",
)


def make_digest_entry(number: int = 1, **changes: Any) -> DigestEntry:
    values: dict[str, Any] = {
        "article_id": f"a{number}",
        "title": Snippet(text="トランプ氏、ロシアに二次関税を警告", highlights=((10, 14),)),
        "url": f"https://news.example/a/{number}?x=1&y=2",
        "outlet": "朝の通信",
        "at": NOW - timedelta(hours=number),
        "dated": True,
        "snippet": Snippet(
            text="大統領は、ロシア産石油の購入国に二次関税を課す可能性があると述べた。", highlights=((16, 20),)
        ),
    }
    return DigestEntry(**values | changes)


def make_section(*entries: DigestEntry, name: str = "二次関税") -> DigestSection:
    return DigestSection(rule_id=name, rule_name=name, entries=entries)


def make_digest(*sections: DigestSection, **changes: Any) -> Digest:
    values: dict[str, Any] = {
        "channel": "crisis",
        "destination": "#news",
        "period": "digest/crisis/2026-11-23T08:30",
        "since_at": NOW - timedelta(hours=14),
        "until_at": NOW,
        "composed_at": NOW,
        "sections": sections or (make_section(make_digest_entry()),),
    }
    return Digest(**values | changes)


def full_digest() -> Digest:
    """Everything that a digest can show, once."""
    first = make_digest_entry(
        1,
        also_rules=(
            ("NATO", Snippet(text="NATO加盟国は反発した。", highlights=((0, 4),))),
            ("停戦協議", None),
        ),
        also_outlets=tuple(Outlet(name=name, url=f"https://{name}.example/1") for name in ("asa", "hiru", "yoru")),
    )
    second = make_digest_entry(
        30,
        title=Snippet(text="US threatens secondary tariffs on Russian oil", highlights=((13, 30),)),
        outlet="The Wire",
        snippet=None,
        dated=False,
        body_missing=True,
        text_from=TextFrom.TITLE,
    )
    third = make_digest_entry(24 * 400, title=Snippet(text="停戦協議が再開"), url="javascript:alert(1)")
    return make_digest(
        make_section(first, second),
        make_section(third, name="停戦協議"),
        mentions=("@here", "U012AB3CD", "@S012AB3CD", "@pr-duty"),
        hello=(12, 3, NOW + timedelta(hours=3, minutes=30)),
        late_for_at=NOW - timedelta(minutes=45),
    )


def make_delivery(payload: str, **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": "d-1",
        "channel": "crisis",
        "destination": "#news",
        "period": "digest/crisis/2026-11-23T08:30",
        "part": 0,
        "payload": payload,
        "state": DeliveryState.SENDING,
        "attempts": 1,
        "created_at": NOW,
        "due_at": NOW,
    }
    return Delivery(**values | changes)
