"""Language codes: which there are (ISO 639-1), and which was meant by another word. Pure."""

import re

_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo"
    " es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg"
    " ki kj kk kl km kn ko ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn"
    " no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta"
    " te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
#: ISO 639-1; without kr (Kanuri), by which editors mean Korean.
CODES = frozenset(_CODES.split())

_CALLED = {
    "ja": "jp jpn japanese japan 日本語 日本 和文",
    "en": "eng english us gb 英語 英文",
    "zh": "cn zho chi chn chinese 中国語 中文",
    "ko": "kr kor korean 韓国語 朝鮮語",
    "uk": "ua ukr ukrainian ウクライナ語",
    "ru": "rus russian ロシア語",
    "el": "gr ell gre greek ギリシャ語",
    "de": "deu ger german ドイツ語",
    "fr": "fra fre french フランス語",
    "es": "spa spanish スペイン語",
    "it": "ita italian イタリア語",
    "pt": "por portuguese ポルトガル語",
    "pl": "pol polish ポーランド語",
    "nl": "nld dut dutch オランダ語",
    "cs": "cz ces cze czech チェコ語",
    "da": "dk dan danish デンマーク語",
    "sv": "swe swedish スウェーデン語",
    "fa": "ir fas per persian farsi ペルシャ語",
    "he": "il heb hebrew ヘブライ語",
    "ar": "ara arabic アラビア語",
    "hi": "hin hindi ヒンディー語",
    "vi": "vn vie vietnamese ベトナム語",
    "th": "tha thai タイ語",
    "id": "ind indonesian インドネシア語",
    "tr": "tur turkish トルコ語",
}
_MEANT = {word: code for code, called in _CALLED.items() for word in called.split()}
#: The language, and what may follow: zh-hant, en-gb.
TAG = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"


def is_language(written: str) -> bool:
    """Whether articles can be in it. Of the codes with three letters only those that stand for one with two are refused."""
    first = written.lower().partition("-")[0]
    return re.fullmatch(TAG, written) is not None and (first in CODES or (len(first) > 2 and first not in _MEANT))  # noqa: PLR2004 - letters


def meant_language(written: str) -> str | None:
    """The code that was meant."""
    text = written.strip().lower().replace("_", "-")
    first, dash, rest = text.partition("-")
    meant = _MEANT.get(first, first) + dash + rest
    return meant if is_language(meant) else None
