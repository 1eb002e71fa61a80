"""A newsroom of one: a folder with config and rules, a website, and the command line."""

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from website import Answer, Website

from monitor.commands import main

TEXT = "米政府は、ロシア産石油を買う国に二次関税を課すと発表した。対象や時期は明らかにしていない。" * 4


class Newsroom:
    """What a test needs to act as an operator or an editor."""

    def __init__(self, folder: Path, site: Website, capsys) -> None:
        self.folder, self.site, self.capsys = folder, site, capsys
        self.settings = ""
        self.sources = [f"{site.url}/feed.xml"]
        (folder / "rules").mkdir()
        self.rule("first.yaml", "- 二次関税\n- NATO\n")
        self.articles("米、二次関税を警告", "きょうの天気")

    def rule(self, name: str, text: str) -> None:
        (self.folder / "rules" / name).write_text(text, encoding="utf-8")

    def articles(self, *titles: str) -> None:
        """Have the feed list these headlines, each with a page of its own."""
        stamp = format_datetime(datetime.now(UTC))
        items = ""
        for number, title in enumerate(titles):
            items += (
                f"<item><title>{title}</title><link>{self.site.url}/a/{title}</link>"
                f"<description>{title}について</description><pubDate>{stamp}</pubDate></item>"
            )
            body = TEXT if number == 0 else "晴れるでしょう。" * 30
            self.site.pages[f"/a/{title}"] = Answer(self.page(title, body))
        self.site.pages = {path: page for path, page in self.site.pages.items() if path.isascii()} | {
            self._quoted(path): page for path, page in self.site.pages.items() if not path.isascii()
        }
        feed = f"<rss version='2.0'><channel><title>朝の通信</title>{items}</channel></rss>"
        self.site.pages["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})

    @staticmethod
    def page(title: str, body: str) -> bytes:
        return f"<html lang=ja><head><meta charset=utf-8><title>{title}</title></head><body><article><h1>{title}</h1><p>{body}</p></article></body></html>".encode()

    @staticmethod
    def _quoted(path: str) -> str:
        from urllib.parse import quote

        return quote(path)

    def write(self) -> Path:
        """Write config.toml."""
        sources = "".join(f'[[sources]]\nfeed = "{url}"\nid = "s{n}"\n' for n, url in enumerate(self.sources))
        path = self.folder / "config.toml"
        path.write_text(
            f'timezone = "Asia/Tokyo"\nlanguage = "ja"\n{self.settings}\n[fetch]\nallow_private = ["127.0.0.0/8"]\n{sources}',
            encoding="utf-8",
        )
        return path

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Type a command: exit code, standard output, standard error."""
        if not (self.folder / "config.toml").exists():
            self.write()
        with pytest.raises(SystemExit) as left:
            main(["--config", str(self.folder / "config.toml"), *arguments])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err
        return left.value.code or 0, out, err


@pytest.fixture
def site():
    site = Website()
    yield site
    site.close()


@pytest.fixture
def newsroom(tmp_path, site, capsys, monkeypatch):
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return Newsroom(tmp_path, site, capsys)
