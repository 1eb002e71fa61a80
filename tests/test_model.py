"""What walks between processes arrives as it was."""

import pickle

import pytest

from monitor.model import Word


@pytest.mark.parametrize("kind", Word.__subclasses__(), ids=lambda kind: kind.__name__)
def test_words_are_pickled_by_their_value(kind):
    for word in kind:
        assert word.__reduce_ex__(pickle.HIGHEST_PROTOCOL) == (kind, (word.value,))
        assert pickle.loads(pickle.dumps(word)) is word
