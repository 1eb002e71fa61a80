"""What passes between the daemon and its parser children."""

import pickle

import pytest

from monitor.model import DeliveryState, Severity, Telling, TextFrom
from monitor.parsing.frames import LENGTH, dumps, loads_answer


@pytest.mark.parametrize("member", [*TextFrom, *Telling, *DeliveryState, *Severity])
def test_our_words_travel_by_their_value_on_every_python(member):
    """Python 3.11.0 to 3.11.3 would pickle them as a call of getattr, which no answer may hold."""
    assert member.__reduce_ex__(pickle.HIGHEST_PROTOCOL) == (type(member), (member.value,))
    assert loads_answer(dumps(member)[LENGTH.size :]) is member
