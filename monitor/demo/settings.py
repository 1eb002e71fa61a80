"""The address of the demo site -> the config.toml and the rule files that read it. Pure."""

from monitor.demo import content
from monitor.demo.render import open_templates

RULES = content.FILES / "rules"


def demo_config_text(site_url: str, *, language: str = "ja") -> str:
    """The text of a config.toml for the demo site; its database and `rules`, see `demo_rules`, stand beside it."""
    return (
        open_templates()
        .get_template("config.toml.j2")
        .render(url=site_url.rstrip("/"), language=language, feeds=content.feeds())
    )


def demo_rules() -> dict[str, str]:
    """File name -> text of the demo's rule files, in the order in which rules are counted."""
    files = sorted((file for file in RULES.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in files}
