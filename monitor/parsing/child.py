"""Tasks on standard input -> answers on standard output: what runs in a child process.

Started as `python -m monitor.parsing.child MEMORY SECONDS FUNCTION...`; the functions are `module:name`, and no other
can be called. The first frame it writes is `None`: ready. It ends with its input, and by SIGALRM when a task takes
longer than it may although nobody came to kill it: then its parent is dead, and a parser hung in C would live for ever.
"""

import gc
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from monitor.errors import MonitorError, ParseError
from monitor.parsing.frames import OUT_OF_MEMORY, dumps, read_frame

#: How much later than its parent the child itself ends a task.
GRACE_SECONDS = 2.0
#: The kernel ends a child before the daemon (-1000 never, 1000 first).
OOM_SCORE = "800"


def main() -> None:
    """Confine this process, import what it is for, answer until the input ends."""
    answers = _take_stdout()
    memory, seconds, *names = sys.argv[1:]
    _confine(int(memory))
    functions = {name: _function(name) for name in names}
    # The parsers stay; what they make is mostly freed without the collector, which need not look so often.
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    answers.write(dumps(None))
    answers.flush()
    serve(functions, sys.stdin.buffer, answers, float(seconds) + GRACE_SECONDS)


def serve(functions: Mapping[str, Callable[..., object]], tasks: BinaryIO, answers: BinaryIO, seconds: float) -> None:
    """Answer (function, url, arguments) with (result, None) or (None, error), one after another."""
    while (frame := read_frame(tasks)) is not None:
        # What arrives here was written by our own parent.
        function, url, arguments = pickle.loads(frame)  # noqa: S301
        signal.setitimer(signal.ITIMER_REAL, seconds)
        answers.write(_answer(functions[function], url, arguments))
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(function: Callable[..., object], url: str, arguments: tuple[Any, ...]) -> bytes:
    try:
        return dumps((function(*arguments), None))
    except MonitorError as error:
        return dumps((None, error))
    except MemoryError:
        # Nothing is certain now, not even that an answer could be built.
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 a job ends here: parsers fail on foreign bytes in ways nobody lists
        return dumps((None, ParseError("parsing.failed", url=url, error=type(error).__name__)))


def _take_stdout() -> BinaryIO:
    """Keep the pipe to the parent for answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _confine(memory: int) -> None:
    """Bound the memory, offer this process to the kernel first, leave ending it to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Kernels without a limit on the address space (macOS) refuse.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")


def _function(name: str) -> Callable[..., object]:
    module, _, attribute = name.partition(":")
    function: Callable[..., object] = getattr(import_module(module), attribute)
    return function


if __name__ == "__main__":
    main()
