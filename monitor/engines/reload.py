"""Edited files -> the App goes on by them, whole or not at all; a broken edit leaves in force what was, and is said."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager

import structlog

from monitor import journal
from monitor.app import App
from monitor.config import Origin, secret_texts
from monitor.errors import StoreError
from monitor.jobs.blocks import lift_blocks
from monitor.jobs.notify import Words, refused_rules
from monitor.jobs.watch import FileWatch, Reload, reload_files, reload_now
from monitor.messages import say
from monitor.model import Finding
from monitor.plan import Edit, Plan, edit_of, make_plan
from monitor.terminal import sentence_at, speak

log = structlog.get_logger()


class Reloading:
    """Takes up edits of config.toml, the rules and the files of secrets, one at a time.

    `watch` has been made before any of them was read.
    """

    def __init__(
        self, app: App, origin: Origin, watch: FileWatch, hide: Callable[[Collection[str]], None] = lambda _: None
    ) -> None:
        self._app, self._origin, self._watch = app, origin, watch
        #: Told of every secret there has been, which the log is to cut out.
        self._hide = hide
        self._hidden = secret_texts(app.config, app.plan.secrets)
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Take up what has changed on disk and stands still."""
        async with self._one_at_a_time():
            await self._take_up(await reload_files(self._watch, self._load))

    async def at_once(self) -> None:
        """Somebody asks for it, and has had the chance to mend what refused to be told."""
        async with self._one_at_a_time():
            reload = await reload_now(self._watch, self._load)
            if reload is None:
                log.warning("reload_put_off", note=say("app.reload-put-off", self._app.config.language))
                return
            await self._take_up(reload)
            if reload.plan is not None:
                await lift_blocks(self._app.in_store, self._app.store.deliveries)

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        async with self._lock:
            try:
                yield
            except Exception:
                self._app.reload_ok = False
                raise

    def _load(self) -> Plan:
        """On a thread of its own."""
        config = self._origin.config()
        self._watch.follow(config.rules, self._origin.files(config))
        return make_plan(config, self._origin.secrets(config))

    async def _take_up(self, reload: Reload[Plan] | None) -> None:
        if reload is None:
            return
        if reload.plan is None:
            self._refuse(reload.findings)
            return
        edit = await asyncio.to_thread(edit_of, self._app.plan, reload.plan)
        try:
            await self._put_in_force(reload.plan, edit)
        except StoreError:
            self._watch.read_again()
            raise

    async def _put_in_force(self, plan: Plan, edit: Edit) -> None:
        app = self._app
        self._hidden |= secret_texts(plan.config, plan.secrets)
        self._hide(self._hidden)
        await app.put_in_force(plan.keeping(app.config), edit)
        if edit.reaches_telling:
            await lift_blocks(app.in_store, app.store.deliveries)
        was_refused = not app.reload_ok
        app.note_edit(None)
        speak(plan.config.language)
        log_edit(edit, plan)
        if edit.reaches_rules or was_refused:
            journal.log_reload(edit.rules, rules=len(plan.judge.book.rules), language=plan.config.language)
        self._watch.turn_to(plan.config.rules, self._origin.files(plan.config))

    def _refuse(self, found: Sequence[Finding]) -> None:
        app, language = self._app, self._app.config.language
        findings = [sentence_at(finding, language) for finding in found]
        words = Words(language=language, zone=app.config.timezone)
        app.note_edit(refused_rules(findings, since_at=app.clock(), words=words))
        journal.log_refusal(findings, language)


def log_edit(edit: Edit, plan: Plan) -> None:
    """What was understood to have changed, for whoever saved it and sees whether it took effect."""
    named = {
        "settings": edit.settings,
        "sources_added": edit.added,
        "sources_removed": edit.removed,
        "sources_changed": edit.changed,
    }
    shown = {name: journal.listed(values) for name, values in named.items()}
    log.info("reloaded", sources=len(plan.sources), secrets_changed=edit.secrets or None, **shown)
    for key in edit.for_restart:
        log.warning("needs_restart", note=say("app.needs-restart", plan.config.language, key=key))
