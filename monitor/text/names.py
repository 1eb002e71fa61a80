"""Family names and given names -> the spellings of one person that newsrooms print. Pure.

A kanji name is printed in full (高市早苗, 高市 早苗) and then as family name with a title (高市氏, 高市首相): the family name
alone is anybody's. A foreign name in katakana is printed in full once (ウォロディミル・ゼレンスキー) and then alone.
"""

import re
from collections.abc import Iterator, Sequence

from monitor.text.letters import CJK, KATAKANA

#: What stands behind a name and is no office.
_HONORIFICS = "氏 さん 様 先生 容疑者 被告 受刑者 選手 投手 騎手 棋士 親方 記者 医師 弁護士 博士 研究員 教授 准教授 名誉教授 議員 衆院議員 参院議員"
#: Offices; each is also printed with 前 and 元 before it.
_OFFICES = (
    "首相 副首相 総理 総理大臣 大統領 副大統領 国家主席 主席 総書記 書記長 総裁 副総裁 幹事長 代表 党首 委員長 大臣 副大臣 外相 財務相 "
    "防衛相 国防相 経産相 厚労相 官房長官 国務長官 長官 議長 大使 事務総長 司令官 知事 副知事 市長 区長 町長 村長 会長 副会長 社長 副社長 "
    "専務 最高経営責任者 CEO 頭取 理事長 学長 総長 院長 裁判長 監督"
)
_FORMER = ("", "前", "元")

_ONLY_KATAKANA = re.compile(f"[{KATAKANA}・]+")
_JAPANESE = re.compile(f"[{CJK}・]+")
#: Shorter ones are shared by many: キム, リー.
_SHORTEST_ALONE = 3


def stands_alone(family: str) -> bool:
    """Whether the family name without anything is this person to a reader, as far as its script tells."""
    return len(family) >= _SHORTEST_ALONE and bool(_ONLY_KATAKANA.fullmatch(family))


def name_spellings(
    family: str, givens: Sequence[str], *, alone: bool | None = None, titles: Sequence[str] = ()
) -> Iterator[str]:
    """The family name by itself where it stands `alone` (`None`: as its script tells), the full name, family and title.

    `titles` are added to the usual ones.
    """
    single = stands_alone(family) if alone is None else alone
    if single:
        yield family
    for given in _alike(family, givens):
        yield from _full_names(family, given, single=single)
    if not single and _JAPANESE.fullmatch(family):
        yield from (family + title for title in _all_titles(tuple(titles)))


def _alike(family: str, givens: Sequence[str]) -> Sequence[str]:
    """The given names in the script of the family name, else all: 金 goes with 正恩, キム with ジョンウン."""
    katakana = bool(_ONLY_KATAKANA.fullmatch(family))
    return [given for given in givens if bool(_ONLY_KATAKANA.fullmatch(given)) is katakana] or givens


def _full_names(family: str, given: str, *, single: bool) -> Iterator[str]:
    if not _JAPANESE.fullmatch(family):
        yield f"{given} {family}"
    elif not _ONLY_KATAKANA.fullmatch(family):
        yield family + given
        yield f"{family} {given}"
    else:
        # The dot is optional wherever words are looked for. Korean and Chinese names stand the other way round.
        yield f"{given}・{family}"
        if not single:
            yield from (f"{given} {family}", f"{family}・{given}", f"{family} {given}")


def _all_titles(titles: tuple[str, ...]) -> Iterator[str]:
    yield from _HONORIFICS.split()
    yield from (former + office for office in (*_OFFICES.split(), *titles) for former in _FORMER)
