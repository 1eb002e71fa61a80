"""(name of a function, arguments) -> its result, computed in a child process that can be killed.

Why no library's pool: pebble's children share one pipe and its locks. One that the kernel ends while it holds them
stops all the others, one that dies while idle breaks the pool for good, and one hung in C delays every other time-out
by the seconds it is given to end politely. Here each child has pipes of its own and is killed at once.
"""

import asyncio
import os
import pickle
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import ParseError
from monitor.parsing.frames import LENGTH, OUT_OF_MEMORY, dumps, loads_answer

#: A busy machine may need this long to start an interpreter and import the parsers.
START_SECONDS = 60.0
#: What of our environment a child may see: foreign bytes are read there, so tokens are not for it.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
#: Answers larger than this are not taken in: an article is cut at 200,000 characters, a feed of 10 MB fits.
MAX_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What children may cost."""

    #: Wall-clock time of one task, from the moment a child begins it.
    seconds: float = 5.0
    #: Address space of one child in bytes (RLIMIT_AS); the imported parsers alone take 220 MB of it.
    memory: int = 768 * 1024 * 1024
    #: Tasks after which a child is replaced, so that what parsers leave behind does not add up. Starting one costs as much
    #: as reading a hundred feeds.
    renew_after: int = 2_000


class Children:
    """Up to `count` children that are started when there is work and not before. Bound to the loop that first calls."""

    def __init__(self, functions: Sequence[str], *, count: int | None = None, limits: Limits | None = None) -> None:
        self._functions = tuple(functions)
        self._limits = limits or Limits()
        self._processes: list[asyncio.subprocess.Process] = []
        self._closed = False
        #: Why children were ended before their task was done -> how many; the reasons are ParseError's codes.
        self.kills: Counter[str] = Counter()
        # The child used last is taken first, so that a quiet daemon never starts the others.
        self._free: asyncio.LifoQueue[_Child | None] = asyncio.LifoQueue()
        for _ in range(count or os.cpu_count() or 1):
            self._free.put_nowait(None)

    async def call(self, function: str, *arguments: object, url: str) -> Any:
        """The function's result. ParseError: its own, or the time or memory was up, or the child died."""
        child, kept = await self._free.get(), None
        try:
            if child is None or not child.alive:
                child = await self._start(url)
            result, error = await self._ask(child, (function, url, arguments), url)
            if child.tasks < self._limits.renew_after:
                kept = child
        finally:
            if child and not kept:
                child.kill()
            self._free.put_nowait(kept)
        if error is not None:
            raise error
        return result

    async def close(self) -> None:
        """End all children; tasks they are at fail with ParseError."""
        self._closed = True
        for process in self._processes:
            _kill(process)
        for process in self._processes:
            await process.wait()
            assert process.stdout
            await process.stdout.read()
        self._processes.clear()

    async def _start(self, url: str) -> "_Child":
        if self._closed:
            raise ParseError("parsing.closed", url=url)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "monitor.parsing.child"),
            *(str(self._limits.memory), str(self._limits.seconds), *self._functions),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=1 << 20,
            env=_environment(),
            process_group=0,
        )
        self._processes = [known for known in self._processes if known.returncode is None]
        self._processes.append(process)
        child = _Child(process)
        try:
            async with asyncio.timeout(START_SECONDS):
                await child.read()
        except (TimeoutError, EOFError) as error:
            child.kill()
            raise ParseError("parsing.start", url=url, python=sys.executable) from error
        return child

    async def _ask(self, child: "_Child", task: tuple[str, str, tuple[object, ...]], url: str) -> Any:
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await child.ask(task)
        except TimeoutError as error:
            raise self._killed("parsing.timeout", url=url, seconds=self._limits.seconds) from error
        except EOFError as error:
            if self._closed:
                raise ParseError("parsing.closed", url=url) from error
            if await child.end() == OUT_OF_MEMORY:
                megabytes = self._limits.memory // 1024**2
                raise self._killed("parsing.memory", url=url, megabytes=megabytes) from error
            raise self._killed("parsing.died", url=url) from error
        except pickle.UnpicklingError as error:
            raise self._killed("parsing.died", url=url) from error

    def _killed(self, code: str, **facts: object) -> ParseError:
        self.kills[code] += 1
        return ParseError(code, **facts)


class _Child:
    """One process and the talk with it; whoever holds the object is the only one who talks."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self.tasks = 0

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._stdout.at_eof()

    async def ask(self, task: object) -> Any:
        """Send a task, wait for its answer; EOFError when the child is dead."""
        self.tasks += 1
        try:
            self._stdin.write(dumps(task))
            await self._stdin.drain()
        except ConnectionError as error:
            raise EOFError from error
        return await self.read()

    async def read(self) -> Any:
        """The next answer; EOFError when there will be none."""
        try:
            (length,) = LENGTH.unpack(await self._stdout.readexactly(LENGTH.size))
            if length > MAX_ANSWER:
                raise pickle.UnpicklingError(length)
            return loads_answer(await self._stdout.readexactly(length))
        except asyncio.IncompleteReadError as error:
            raise EOFError from error

    async def end(self) -> int:
        """Kill it unless it has ended by itself; its exit status, negative for a signal."""
        try:
            return await asyncio.wait_for(self._process.wait(), 1)
        except TimeoutError:
            self.kill()
            return await self._process.wait()

    def kill(self) -> None:
        """End it at once; children have nothing to lose."""
        _kill(self._process)


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    if process.stdin:
        process.stdin.close()


def _environment() -> dict[str, str]:
    """What a child sees: our own module path and no secrets; one thread, since each reserves address space."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {**passed, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
