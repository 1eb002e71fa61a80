"""A number -> terms such as newsrooms watch, and articles that read like news: what the matcher is measured on.

The articles are the demo's own and the paragraphs below, in another order each time; every outlet, person, firm and
event in them is invented. The terms are some twenty that the articles speak of, and names of people, firms, places and
bodies made from their usual parts.
"""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from monitor.demo.content import articles as demo_articles
from monitor.model import Article, TextFrom

SIZE = 2_000

PARAGRAPHS = """\
北見沢電機は29日、車載向け電力半導体の新工場を熊本県内に建設すると発表した。投資額は約1200億円で、2028年春の稼働を目指す。政府の補助金を活用し、\
電気自動車(EV)の需要拡大に備える。同社の小田切誠社長は記者会見で「供給網を国内に持つことの意味が大きくなった」と述べた。
ウクライナのゼレンスキー大統領は30日、キーウで北大西洋条約機構(NATO)の高官と会談し、防空システムの追加供与を求めた。大統領府によると、会談では\
エネルギー施設への攻撃が続くなか、冬に向けた復旧支援も議題となった。ロシア側は同日、和平案の一部に難色を示した。
内閣府が発表した7〜9月期の国内総生産(GDP)速報値は、物価変動の影響を除いた実質で前期比0.4%減、年率換算で1.6%減だった。個人消費が伸び悩み、米国の関税\
引き上げを受けた輸出の減少が響いた。日銀は12月の金融政策決定会合で追加利上げの是非を議論する。
気象庁は、日本の南を北上する台風18号が来月1日にかけて小笠原諸島に近づくとして、高波や暴風に警戒するよう呼びかけている。中心の気圧は950ヘクトパスカル、\
最大風速は45メートル。伊豆諸島でも1日から大しけとなる見込みだ。
トランプ米大統領は、ロシア産原油を買い続ける国への二次関税について「数週間のうちに判断する」と語った。インド外務省は「エネルギー安全保障は国民の利益\
に基づいて決める」とする声明を出し、中国外務省の報道官も「一方的な制裁に反対する」と強調した。
国連安全保障理事会は28日、スーダン情勢をめぐる緊急会合を開いた。人道支援を担う国連世界食糧計画(WFP)の代表は、北ダルフール州で食料が届かない地域が\
広がっていると報告し、停戦に向けた国際社会の関与を訴えた。欧州連合(EU)は追加の資金拠出を表明した。
東京地裁は、架空の投資話で高齢者から現金をだまし取ったとして詐欺の罪に問われた会社役員の男に懲役6年の判決を言い渡した。裁判長は「社会的な信用を悪用した\
巧妙な手口で、結果は重大だ」と指摘した。弁護側は控訴する方針。
人工知能(AI)を使った創薬を手がけるスタートアップのリンドウ・バイオは、シリーズBで45億円を調達した。米カリフォルニア州のベンチャーキャピタルが主導し、\
国内の製薬大手も参加した。同社はアルツハイマー病の治療薬候補について、来年にも臨床試験(治験)を始める。
第107回全国高校サッカー選手権の県大会決勝は3日、港南スタジアムで行われ、青葉台学院が2―1で城北工を下し、5年ぶりの優勝を決めた。後半アディショナルタイム\
に主将の相原がコーナーキックを頭で合わせた。
韓国大統領府は、日本との首脳会談を来月上旬に釜山で開く方向で調整していると明らかにした。北朝鮮のミサイル開発への対応や、人口減少対策での協力が議題となる\
見通しだ。首相は「シャトル外交を途切れさせない」と語った。
厚生労働省の検討会は、マイナンバーカードを使った医療情報の共有を来年度から救急の現場に広げる案を大筋で了承した。個人情報の保護をめぐっては、委員から\
「本人の同意を得る手順を分かりやすくすべきだ」との意見が相次いだ。
プーチン大統領はモスクワで開かれた経済フォーラムで演説し、「西側の制裁はロシア経済の構造転換を早めただけだ」と主張した。一方、ロシア中央銀行は今年の\
成長率見通しを0.5〜1.0%に引き下げた。ルーブルは対ドルで下落している。
京都市は、オーバーツーリズム対策として宿泊税の上限を1万円に引き上げる条例を来年3月に施行する。市観光協会によると、外国人宿泊客の割合は今年上半期で\
4割を超えた。バス路線の再編やトイレの増設に税収を充てる。
サイバー攻撃を受けた物流大手の東亜ロジスティクスは、受注システムを一部復旧したと発表した。身代金要求型ウイルス「ランサムウエア」に感染し、サーバーの\
データが暗号化されていた。全国のスーパーやコンビニで飲料の欠品が続いている。
アップル、グーグル、メタの3社は、生成AIが作った画像に電子透かしを入れる共通仕様で合意した。欧州委員会が来夏に施行する規則をにらんだ動きで、偽情報対策に\
取り組む非営利団体は「大きな一歩だが、利用者が確かめる手段が要る」と評価する。
""".strip().splitlines()

#: What the articles speak of.
SPOKEN_OF = """\
ウクライナ ゼレンスキー プーチン トランプ NATO EU 二次関税 停戦 ロシア 北朝鮮 国連 日銀 GDP 電気自動車 気象庁 マイナンバーカード 生成AI グーグル 京都 インド 東京 米国 \
北見沢電機 東亜ロジスティクス リンドウ・バイオ""".split()

_SURNAMES = """\
佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 \
近藤 村上 遠藤 青木 坂本 福田 太田 西村 藤井 藤原 岡本 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田 石田 森田 上田 原 内田 柴田 酒井 宮崎 横山 宮本 高木 安藤 谷口 大野 \
今井 河野 丸山 藤本 村田 武田 上野 杉山 増田 平野 大塚 千葉 久保 松井 岩崎 木下 野口 松尾 野村 菊地 佐野 大西 杉本 新井""".split()
_GIVEN = """\
誠 健一 直樹 浩二 隆 豊 博之 和也 大輔 翔太 拓海 蓮 悠真 陽菜 結衣 美咲 恵子 由美子 直美 真由美 智子 裕子 麻衣 彩 千尋 明 茂 進 修 勇 洋平 慎太郎 龍之介 一郎 次郎 三郎 太郎 花子 \
信夫 紀夫 文雄 康弘 純一郎 早苗 百合子 蓮舫 玉枝 雅彦 達也 亮 剛 学 恵 薫 光 望 司 圭 遥 葵 凛 湊 樹 律""".split()
_PLACES = """\
北海道 青森 岩手 秋田 山形 福島 茨城 栃木 群馬 埼玉 千葉 神奈川 新潟 富山 石川 福井 山梨 長野 岐阜 静岡 愛知 三重 滋賀 大阪 兵庫 奈良 和歌山 鳥取 島根 岡山 広島 山口 徳島 香川 愛媛 \
高知 福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄 札幌 仙台 横浜 川崎 名古屋 神戸 北九州 東洋 日本 帝国 中央 太平洋 三和 昭和 明治 富士 第一 大和""".split()
_TRADES = """\
電機 電力 製薬 製鉄 重工業 自動車 化学 建設 不動産 証券 銀行 生命保険 損害保険 食品 乳業 製紙 繊維 ガス 石油 海運 空港 鉄道 百貨店 新聞 放送 通信 印刷 ゴム 硝子 精機 工業 商事 物産 \
大学 県警 地裁 高裁 県議会 市役所 商工会議所 医師会 労働組合 研究所 原子力発電所""".split()
_SYLLABLES = """\
アン ベル カル ダン エル フォー ガル ハン イワ ジョン カス ラン マル ノル オル パー ラム サン タル ウィル ヨハン ザン ブラ クラ グリ ステ トラ プリ シュ チャー マク デル ロド \
フェル ゴン ミハイ ニコ アレ セル""".split()
_ENDINGS = "ソン スキー トン ネン ビッチ エフ リア ード ンスク バーグ マン ニア スタン ール ィーニ ケス レス ノフ フィールド タウン".split()
_WORDS = """\
climate energy nuclear export import security cyber labour housing inflation tariff missile drone border migration \
court election pension vaccine quantum lithium cobalt grain shipping airline railway satellite rocket port refinery \
bank bond budget deficit strike union recall audit merger antitrust privacy chip battery hydrogen carbon""".split()
_MATTERS = "policy council agency treaty summit reform crisis deal fund act board report sanctions talks plan".split()


def _term(chance: random.Random) -> str:
    """A person, a firm or body, a foreign name, an acronym, an English phrase."""
    kind = chance.choices(range(5), (30, 25, 25, 8, 12))[0]
    if kind == 0:
        return chance.choice(_SURNAMES) + chance.choice(_GIVEN)
    if kind == 1:
        return chance.choice((*_PLACES, *_SURNAMES)) + chance.choice(_TRADES) + chance.choice(("", "", "労組", "会長"))
    if kind == 2:  # noqa: PLR2004 - see the docstring
        name = "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 2))) + chance.choice(_ENDINGS)
        return chance.choice((name, f"{chance.choice(_SYLLABLES)}{chance.choice(_ENDINGS)}・{name}"))
    if kind == 3:  # noqa: PLR2004 - see the docstring
        return "".join(chance.choices("ABCDEFGHIJKLMNOPRSTUW", k=chance.randint(3, 5)))
    return f"{chance.choice(_WORDS)} {chance.choice(_MATTERS)}" + chance.choice(("", "", f" {chance.choice(_WORDS)}"))


def terms(count: int) -> list[str]:
    """So many terms, each once; what the articles speak of comes first."""
    chance = random.Random(count)
    found = dict.fromkeys(SPOKEN_OF[:count])
    while len(found) < count:
        found[_term(chance)] = None
    return list(found)


def paragraphs() -> list[str]:
    """Every Japanese paragraph, without tags."""
    demo = demo_articles(datetime(2026, 1, 1, tzinfo=UTC)).values()
    texts = [piece for outlet in demo for one in outlet if one.outlet.language == "ja" for piece in one.paragraphs]
    return PARAGRAPHS + [re.sub(r"<(r[tp])>.*?</\1>|<[^>]+>|\n", "", text) for text in texts]


def articles(count: int) -> list[Article]:
    """So many articles of 2,000 characters."""
    chance = random.Random(count)
    return [article("\n\n".join(_enough(chance))[:SIZE]) for _ in range(count)]


def _enough(chance: random.Random) -> Iterator[str]:
    known = paragraphs()
    return islice(chance.sample(known, len(known)), SIZE // 40)


def article(text: str) -> Article:
    """A body without a headline."""
    return Article(
        id="a", url="http://127.0.0.1/a", source_id="s", title="", text=text, text_from=TextFrom.PAGE,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC), story="a",
    )  # fmt: skip
