"""Objects of ours <-> bytes on a pipe: 8 bytes of length, then a pickle.

A child that reads foreign bytes may have been taken over by them, so what it answers is not unpickled freely:
`loads_answer` builds nothing but our own data and instants.
"""

import datetime as dt
import io
import pickle
import struct
from typing import Any, BinaryIO

from monitor import errors, model

LENGTH = struct.Struct("!Q")
#: Exit status of a child that says "the task needed more memory than a child may have".
OUT_OF_MEMORY = 77
_ALLOWED = {dt.__name__, errors.__name__} | {kind.__module__ for kind in vars(model).values() if isinstance(kind, type)}


def dumps(value: object) -> bytes:
    """One frame, its length in front."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame without its length; `None` at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body = stream.read(LENGTH.unpack(head)[0])
    return body if len(body) == LENGTH.unpack(head)[0] else None


def loads_answer(body: bytes) -> Any:
    """What a child answered. pickle.UnpicklingError when it names anything but our data."""
    return _Answer(io.BytesIO(body)).load()


class _Answer(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A class or function made in one of the allowed modules, not merely reachable through it."""
        if module in _ALLOWED and "." not in name:
            found = super().find_class(module, name)
            if getattr(found, "__module__", None) == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")
