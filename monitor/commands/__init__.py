"""One file per command; the folder listing is the command list. A command's file is loaded when the command is called.

`--help` must answer at once, so the one-line summaries stand here; a test holds them against the folder.
"""

import codecs
import difflib
import importlib
import io
import sys
from collections.abc import Sequence

import click

from monitor import __version__
from monitor.errors import MonitorError, UsageError
from monitor.streams import abandon_output, is_unwritable

SUMMARIES = {
    "run": "Poll, match and tell: the daemon; --once for cron.",
    "demo": "Watch the whole chain at work on a small bundled news site.",
    "init": "Write a first config.toml and a first rule file.",
    "check": "Check config, rules and the rules' own tests.",
    "why": "Why an article matched a rule, or did not.",
    "replay": "What the rules would have matched in the archive.",
    "covered": "Would we have caught this? One article's way through sources and rules.",
    "search": "Search the archive, Japanese included.",
    "sources": "Health, rhythm and last error of each source; add one.",
    "preview": "The next digests and when each goes out, without sending them.",
    "slack": "The Slack app to create, and a test of the connection.",
    "status": "One screen: sources, backlog, deliveries, last errors.",
    "mute": "Store what a rule finds without telling it, for a while.",
    "unmute": "Tell again what a muted rule finds.",
    "unblock": "Send again what a channel that refused messages was to be told.",
    "export": "Articles, matches or deliveries as JSON Lines or CSV.",
    "backup": "Copy the database, whole and checked, also beside the daemon.",
    "restore": "Put a backup in the place of the database.",
    "schema": "The JSON Schema of rule files, for help while typing.",
}
MISUSED, INTERRUPTED = 2, 130
_ESCAPED = "monitor.escaped"


class Commands(click.Group):
    """The commands by file name, loaded when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """In the order of the summaries."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own signature
        """Load one command, and give it and what is below it the options that every command takes."""
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = importlib.import_module(f"monitor.commands.{cmd_name}").command
        _add_shared_options(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's own signature
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a mistyped one is answered with the nearest."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in SUMMARIES:
            near = difflib.get_close_matches(name, SUMMARIES, n=1)
            known = f"Did you mean {near[0]!r}?" if near else "See `monitor --help`."
            ctx.fail(f"No command {name!r}. {known}")
        return super().resolve_command(ctx, args)


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Options count wherever they stand: before the command or behind it."""
    if value:
        ctx.ensure_object(dict)[param.name] = value


def _shared_options() -> list[click.Option]:
    return [
        click.Option(
            ["--config", "config_path"],
            metavar="PATH",
            help="Else $MONITOR_CONFIG, ./config.toml or /etc/monitor/config.toml.",
            expose_value=False,
            callback=_remember,
            is_eager=True,
        ),
        click.Option(
            ["--verbose", "-v"],
            is_flag=True,
            help="Log every decision.",
            expose_value=False,
            callback=_remember,
            is_eager=True,
        ),
    ]


def _add_shared_options(command: click.Command) -> None:
    if not any(param.name == "config_path" for param in command.params):
        command.params.extend(_shared_options())
    for below in getattr(command, "commands", {}).values():
        _add_shared_options(below)


def later_command(name: str) -> click.Command:
    """A command of the contract that a later version brings: it says so."""

    def refuse() -> None:
        raise UsageError("terminal.not-yet", command=name)

    return click.Command(
        name,
        callback=lambda **_: refuse(),
        hidden=True,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


@click.group(
    cls=Commands,
    params=_shared_options(),
    context_settings={"help_option_names": ["-h", "--help"], "obj": None},
    help="Watch news sources, check them against your rules, tell Slack.",
)
@click.version_option(__version__, message="monitor %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The `monitor` command."""
    ctx.ensure_object(dict)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code; no mistake of a person ends in a traceback."""
    _write_whatever_comes()
    sys.exit(_run(arguments))


def _write_whatever_comes() -> None:
    """Let no character end a command where the environment asks for an encoding that has not all of them."""
    codecs.register_error(_ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        # What came in as bytes of no known encoding ("surrogateescape") goes out as the same bytes.
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "backslashreplace"}:
            stream.reconfigure(errors=_ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """As JSON writes it, so that JSON stays what it is."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4)), error.end


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = cli.main(args=arguments, prog_name="monitor", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.ClickException as error:
        error.show()
        code = MISUSED
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough; closing keeps the interpreter from saying so again.
        sys.stderr.close()
        code = 0
    except OSError as error:
        if not is_unwritable(error):
            raise
        abandon_output()
        code = _show(MonitorError("terminal.no-output", why=error.strerror))
    except MonitorError as error:
        code = _show(error)
    return code if isinstance(code, int) else 0


def _show(error: MonitorError) -> int:
    from monitor.terminal import show_error  # noqa: PLC0415 - keeps --help light

    return show_error(error)
