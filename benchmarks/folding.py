"""Texts of several kinds -> microseconds to fold 2,000 characters, beside NFKC and casefold of the whole string.

    .venv/bin/python benchmarks/folding.py [TEXT_FILE...]

Processor time, the best of several rounds. The texts are kept different from each other, so that what is remembered
between articles does not flatter the result more than it does in a day's news.
"""

import sys
import timeit
import unicodedata
from pathlib import Path
from time import process_time

from monitor.text.borders import WordBorders
from monitor.text.fold import fold

SIZE = 2000
SEED = Path(__file__).parents[2] / "shared" / "seed-article.txt"
SAMPLES = {
    "full-width digits": "１０月２３日、東京都内で開かれた会見で、首相は「１兆２０００億円の補正予算」を表明した。（共同）",
    "half-width kana": "ﾊﾞｲﾃﾞﾝ前大統領と㈱大紀元、時速100㌔で走行するﾄﾗｯｸ、ｾﾞﾚﾝｽｷｰ氏。",
    "English, plain": "The president said on Monday that secondary tariffs would be imposed on Russian oil. ",
    "English, printed": "“The president’s remarks” on Tuesday — the NATO summit – and the EU said otherwise. ",
    "Arabic with vowels": "سُورِيَا تُعلِن وَقفَ إِطلاقِ النّار في دِمَشق ",
}


def _stretch(sample):
    return [(f"{number} " + sample * (SIZE // len(sample) + 1))[:SIZE] for number in range(8)]


def _cost(work, texts):
    rounds = timeit.repeat(lambda: [work(text) for text in texts], number=10, repeat=7, timer=process_time)
    return min(rounds) / 10 / len(texts) * 1e6 * SIZE / (sum(map(len, texts)) / len(texts))


def _plain(text):
    return unicodedata.normalize("NFKC", text).casefold()


def _read(text):
    spelled = fold(text).spelled
    words = WordBorders(spelled)
    for position in range(10, len(spelled), 50):
        words.crossing(position)


def main():
    kinds = {name: _stretch(sample) for name, sample in SAMPLES.items()}
    for path in sys.argv[1:] or [str(SEED)] * SEED.exists():
        text = Path(path).read_text(encoding="utf-8")
        kinds[Path(path).name] = [text[at : at + SIZE] for at in range(0, len(text), SIZE)]
    print(f"{'µs per 2,000 characters':28} {'fold':>8} {'NFKC':>8} {'ratio':>6} {'whole dictionary':>17}")
    for name, texts in kinds.items():
        ours, theirs = _cost(fold, texts), _cost(_plain, texts)
        print(f"{name:28} {ours:8.0f} {theirs:8.0f} {ours / theirs:6.2f} {_cost(_read, texts[:1]) - ours:17.0f}")


if __name__ == "__main__":
    main()
