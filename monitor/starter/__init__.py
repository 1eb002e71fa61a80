"""A language -> the files that a new user starts from: config.toml and a first rule file, commented. Pure."""

from importlib import resources

_FILES = resources.files(__name__)

#: Where each file goes, and the name of its text in this folder.
_NAMES = {"config.toml": "config.{language}.toml", "rules/first.yaml": "first.{language}.yaml"}


def starter_files(language: str) -> dict[str, str]:
    """Relative name -> text. `language` is "ja" or "en"."""
    return {
        name: _FILES.joinpath(text.format(language=language)).read_text(encoding="utf-8")
        for name, text in _NAMES.items()
    }
