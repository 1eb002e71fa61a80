"""What the daemon says to its supervisor, line by line."""

import socket


class Ear:
    """The socket that systemd would listen to."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.path, self.told = path, []

    def heard(self):
        """Everything so far."""
        while True:
            try:
                self.told.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return self.told

    def environment(self, watchdog=1.0):
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(int(watchdog * 1e6))}
