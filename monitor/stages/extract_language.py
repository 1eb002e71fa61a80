"""What is said about a language, and the text itself -> its code. Pure."""

import re
from collections.abc import Sequence

import py3langid

_KANA = re.compile("[\u3041-\u309f\u30a1-\u30fa]")
#: Japanese prose holds a third of kana; a page in another language that names a few things in kana holds far less.
_JAPANESE_SHARE = 0.05
#: What is read to tell a language; less than the least tells nothing.
_SAMPLE = 3000
_LEAST = 20


def language_of(operator: str | None, stated: Sequence[str | None], text: str) -> str | None:
    """ISO 639 code in lower case: the operator's word, else the first one stated, else what the text looks like.

    Templates of Japanese sites often say "en": where kana stand in the text, it is Japanese whatever the page says.
    """
    if operator:
        return _primary(operator)
    sample = text[:_SAMPLE]
    if sample and len(_KANA.findall(sample)) > _JAPANESE_SHARE * len(sample):
        return "ja"
    said = next(filter(None, map(_primary, stated)), None)
    if said and not (said == "ja" and _has_no_japanese(sample)):
        return said
    return _detected(sample) or said


def _has_no_japanese(sample: str) -> bool:
    return len(sample) >= _LEAST and not re.search("[\u3041-\u30ff\u3400-\u9fff]", sample)


def _detected(sample: str) -> str | None:
    return str(py3langid.classify(sample)[0]) if len(sample.strip()) >= _LEAST else None


def _primary(tag: str | None) -> str | None:
    found = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", tag or "")
    return found[1].lower() if found else None
