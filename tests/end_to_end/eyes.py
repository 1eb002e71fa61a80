"""A daemon's port -> what another program that asks is told there."""

import re
import urllib.error
import urllib.request
from typing import Self

from end_to_end.bureau import Running


class Eyes:
    """Another program that asks."""

    def __init__(self, port: str) -> None:
        self._address = f"http://127.0.0.1:{port}"

    @classmethod
    def of(cls, running: Running) -> Self:
        [port] = re.findall(r"port=(\d+)", running.says("event=listening"))
        return cls(port)

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self._address + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def reasons(self) -> list[str]:
        status, text = self.ask("/readyz")
        codes = [line.partition(":")[0] for line in text.splitlines()]
        assert (status == 200) == (codes == ["ready"])
        return codes

    def metric(self, series: str) -> float:
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.ask("/metrics")[1], re.MULTILINE)
        return float(found[1])
