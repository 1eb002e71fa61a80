"""A word that an editor writes in place of a key -> the key of ours that it means."""

from collections.abc import Collection

from monitor.rules.findings import suggestion

#: Key -> what other tools, and editors, call it. Where a key has two meanings, the first that may stand there is meant.
_CALLED = {
    "except": "exclude not 除く 除外",
    "none": "not exclude excluding except without nor ng 除く 除外 除外語 含まない",
    "any": "or some words terms keyword keywords term query どれか いずれか または キーワード 語 検索語",
    "all": "and must 全部 すべて かつ",
    "notify": "channel channels to slack destination alert 通知 通知先 チャンネル 送信先",
    "name": "title label rule 名前 名称 タイトル ルール名 ルール",
    "title": "headline heading subject 見出し 題名 件名",
    "body": "text content 本文",
    "mention": "mentions ping メンション",
    "sources": "source media feeds 情報源 媒体",
    "severity": "priority urgency level 重要度 緊急度",
    "weight": "order score 重み",
    "note": "memo comment description notes 備考 メモ 説明",
    "tests": "test examples テスト 例文",
    "match": "hit yes positive ok 一致",
    "ignore": "miss no negative skip 無視",
    "enabled": "active on 有効",
    "when": "timing schedule 通知時刻",
    "near": "proximity 近接",
    "regex": "regexp pattern re 正規表現",
    "unless_part_of": "unless not_part_of not_in",
    "boundary": "border word_boundary 境界",
    "within": "distance max_distance 距離",
    "of": "any words",
    "n": "count min number",
    "only": "include sources",
    "languages": "language lang langs 言語",
    "language": "languages lang 言語",
    "groups": "group グループ",
    "published": "date time 日付",
    "rules": "ルール一覧",
    "lists": "リスト",
    "names": "人名",
    "family": "last surname 姓",
    "given": "first 名",
    "latin": "english roman ローマ字 英語",
    "max": "limit 上限",
    "per": "every",
}
_MEANT: dict[str, list[str]] = {}
for _key, _words in _CALLED.items():
    for _word in _words.split():
        _MEANT.setdefault(_word, []).append(_key)

#: All of them.
SYNONYMS = frozenset(_MEANT)


def meant_key(written: str, allowed: Collection[str]) -> str | None:
    """The key that was probably meant: by its sense, else by its letters."""
    by_sense = (key for key in _MEANT.get(written.strip().lower(), ()) if key in allowed)
    return next(by_sense, None) or suggestion(written, allowed)
