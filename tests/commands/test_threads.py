"""The daemon's threads, many as they are, keep little memory: looked at in a process of its own, as the C library sees it."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Lets more threads take memory at once than glibc would keep apart; prints how many hoards it keeps.
MANY_THREADS = """
import asyncio, ctypes, sys, threading
from xml.etree import ElementTree
from monitor.commands import run

async def take():
    run._make_room_for_lookups()
    everybody = threading.Barrier(20)
    await asyncio.gather(*(asyncio.to_thread(lambda: (everybody.wait(), bytearray(100_000))) for _ in range(20)))

asyncio.run(take())
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(len(ElementTree.parse(sys.argv[1]).findall("heap")))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only glibc keeps memory per thread")
def test_threads_share_what_is_kept_of_freed_memory(tmp_path):
    command = [sys.executable, "-c", MANY_THREADS, str(tmp_path / "hoards.xml")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("MALLOC_ARENA_MAX", None)
    hoards = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    assert int(hoards) == 2
