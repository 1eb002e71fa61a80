"""Standard input, output and error of a process -> the same, so that no want of them ends it or is written into a file."""

import errno
import io
import os
import sys

_STANDARD = range(3)
#: What writing to a full disk, over a limit, to a broken device or to nothing says.
_UNWRITABLE = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})


class Lossy(io.FileIO):
    """A file that takes whatever is written: what there is no room or reader for is lost."""

    def write(self, data: object, /) -> int:
        """Write as much as can be written."""
        written = memoryview(data)  # type: ignore[arg-type] # typeshed's buffer is a protocol of newer versions
        try:
            return super().write(written) or written.nbytes
        except OSError:
            return written.nbytes


def settle_streams() -> None:
    """For the beginning of a process: no file that it opens may take the place of a stream that was closed."""
    fill_gaps()
    if sys.stdout is None:
        # As in a shell, writing to it is an error; a command that writes nothing there does its work.
        sys.stdout = _text(io.FileIO(1, "w", closefd=False))
    # A daemon goes on where its log cannot be written: the disk is full, or `tee` has ended.
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    sys.stderr = _text(Lossy(2, "w", closefd=False), encoding)


def fill_gaps() -> None:
    """Have each of the first three descriptors lead somewhere; what did not can be read as empty, and not be written."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest that is free: those below are taken.
            os.open(os.devnull, os.O_RDONLY)


def is_unwritable(error: OSError) -> bool:
    """Whether it says that a stream takes nothing any more, rather than that a file is not as it should be."""
    return error.errno in _UNWRITABLE and error.filename is None


def abandon_output() -> None:
    """Let what was not written yet be lost quietly: the interpreter would complain of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _text(raw: io.RawIOBase, encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=True)
