"""`monitor demo`: the whole chain on a small bundled news site, on loopback and in a folder of its own."""

import asyncio
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import click

from monitor.app import open_app
from monitor.clock import utc_now
from monitor.commands.preview import write_html
from monitor.commands.run import poll_round, tell_round
from monitor.config import Secrets, load_config
from monitor.demo.settings import demo_config_text, demo_rules
from monitor.demo.site import NewsSite
from monitor.errors import UsageError
from monitor.jobs.deliver import Urge
from monitor.log import set_up_logging
from monitor.messages import LANGUAGES, say
from monitor.session import is_verbose, spare_own_files
from monitor.stores import hold_lock
from monitor.terminal import FAILED, FINE, errors, speak, spoken_language

#: How the names of folders begin that are made for a demo, and the seconds for which they stay as nobody changed them.
_PREFIX, KEPT = "monitor-demo-", 86_400.0
_CONFIG = "config.toml"


@click.command("demo", help="Watch the whole chain at work on a small bundled news site: no configuration, no network.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Else that of the environment.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep config, rules and database here."
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where the preview page goes.",
)
@click.pass_context
def command(ctx: click.Context, *, language: str | None, folder: Path | None, html_file: Path | None) -> int:
    """Serve, poll, match, print, and write the preview page."""
    set_up_logging(verbose=is_verbose(ctx), quiet=not is_verbose(ctx))
    speak(language or spoken_language())
    forget_old_demos(time.time())
    home = folder or _temporary_folder()
    _lay_out(home)
    ctx.ensure_object(dict)["config_path"] = str(home / _CONFIG)
    code = asyncio.run(_demo(ctx, home, html_file or home / "preview.html"))
    if folder is None:
        errors().print(say("demo.kept", spoken_language(), folder=home), style="dim")
    return code


def _temporary_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=_PREFIX))
    except OSError as error:
        raise UsageError("terminal.no-folder", path=f"{_PREFIX}*", why=error.strerror) from None


def _lay_out(home: Path) -> None:
    """The demo's rules, where they are not there yet: what somebody changed in those of an earlier demo stays."""
    if not _is_ours(home / _CONFIG):
        for path in (home / _CONFIG, home / "rules", home / "monitor.db"):
            if _is_there(path):
                raise UsageError("terminal.exists", path=path)
    for name, text in demo_rules().items():
        if not _is_there(home / "rules" / name):
            _write(home / "rules" / name, text)


def _is_ours(config: Path) -> bool:
    """Whether a config.toml is that of a demo."""
    [first, *_] = demo_config_text("").splitlines()
    try:
        return config.read_text(encoding="utf-8", errors="replace").startswith(first)
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    """Links that lead nowhere are somebody's, too; where the folder may not be entered, writing says so."""
    return os.path.lexists(path)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError("terminal.no-folder", path=path, why=error.strerror) from None


def forget_old_demos(now: float) -> None:
    """Remove the folders of this person's demos: each stays for a while, so that its rules can be tried out."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # Anybody may write there.
        with suppress(OSError):
            is_ours = not home.is_symlink() and home.lstat().st_uid == os.geteuid() and (home / _CONFIG).is_file()
            if is_ours and all(now - path.lstat().st_mtime > KEPT for path in (home, *home.rglob("*"))):
                shutil.rmtree(home, ignore_errors=True)


async def _demo(ctx: click.Context, home: Path, html_file: Path) -> int:
    language = spoken_language()
    async with NewsSite(now=utc_now()) as site:
        _write(home / _CONFIG, demo_config_text(site.url, language=language))
        config = load_config(home / _CONFIG)
        spare_own_files(html_file, ctx, config)
        errors().print(say("demo.begins", language, url=site.url, folder=home), style="dim")
        with hold_lock(config.database):
            async with open_app(config, Secrets()) as app:
                # The preview page is made of what waits, so it is composed between polling and telling.
                polls = await poll_round(app)
                upcoming = await app.preview(Urge.ALL)
                deliveries = await app.tell(Urge.ALL)
                write_html(html_file, [one.digest for one in upcoming], config)
                tell_round(app, polls, deliveries)
        errors().print(say("demo.ends", language, folder=home), style="dim")
    # One source is broken on purpose; where none could be read, the installation is.
    return FINE if any(poll.error is None for poll in polls) else FAILED
