"""What foreign bytes can do to a child, without the bytes. Imported by children as `parsing.misbehaviour`."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from monitor.errors import ParseError


def echo(value):
    return value


def pid():
    return os.getpid()


def hang():
    while True:
        time.sleep(1)


def hang_where_python_is_not_asked():
    """One instruction that takes minutes, as a parser written in C may; no signal is looked at meanwhile."""
    return 7 ** (10**8)


def eat_memory():
    return len(bytearray(1 << 34))


def leave():
    os._exit(3)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_the_middle_of_an_answer():
    for descriptor in range(3, 10):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"\0\0\0\0\0\0\1\0half")
    os._exit(0)


def refuse(url):
    raise ParseError("parsing.failed", url=url, error="Refusal")


def stumble():
    raise ZeroDivisionError


def recurse():
    return recurse()


def chatter():
    sys.stdout.write("this must not stand among the answers")
    os.write(1, b"nor this")
    sys.stdout.flush()
    return "done"


def answer_with_code():
    """An object whose unpickling would run code in the parent."""
    return Trap()


class Trap:
    def __reduce__(self):
        return (os.system, ("true",))


def environment():
    return dict(os.environ)


def oom_score():
    return Path("/proc/self/oom_score_adj").read_text().strip()


def modules():
    return sorted(sys.modules)


def interrupt_group():
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    return "alive"
