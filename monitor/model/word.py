"""The base of our enumerations."""

from enum import StrEnum


class Word(StrEnum):
    """Pickled by its value, since Python 3.11.0 to 3.11.3 pickle a member as a call of getattr."""

    def __reduce_ex__(self, _protocol: object) -> tuple[type["Word"], tuple[str]]:
        return (type(self), (self.value,))
