"""What is known of Slack: kept over restarts, the latest in force, nothing of another workspace."""

from datetime import timedelta

from builders import NOW

LATER = NOW + timedelta(hours=1)


def known(store):
    return [(one.name, one.value, one.known_at) for one in store.contacts.contacts()]


def test_nobody_is_known_at_first(store):
    assert known(store) == []


def test_what_is_learnt_is_there_for_the_next_process(opened):
    opened().contacts.learn("#news", "C0NEWS0001", now=NOW)
    assert known(opened()) == [("#news", "C0NEWS0001", NOW)]


def test_the_latest_is_in_force_and_the_earlier_stays_known(store):
    store.contacts.learn("#news", "C0NEWS0001", now=NOW)
    store.contacts.learn("#news", "C0NEWS0002", now=LATER)
    assert [value for _, value, _ in known(store)] == ["C0NEWS0002", "C0NEWS0001"]
    store.contacts.learn("#news", "C0NEWS0001", now=LATER + timedelta(seconds=1))
    assert [value for _, value, _ in known(store)] == ["C0NEWS0001", "C0NEWS0002"]


def test_what_is_replaced_is_forgotten(store):
    store.contacts.learn("lag", "1.0", now=NOW)
    store.contacts.learn("#news", "C0NEWS0001", now=NOW)
    store.contacts.replace("lag", "2.5", now=LATER)
    assert known(store) == [("lag", "2.5", LATER), ("#news", "C0NEWS0001", NOW)]


def test_forgetting_one_and_all(store):
    for name in ("#news", "#desk", "@山田 太郎\ud800"):
        store.contacts.learn(name, "X", now=NOW)
    store.contacts.forget("#desk")
    assert [name for name, _, _ in known(store)] == ["#news", "@山田 太郎\ufffd"]
    store.contacts.forget()
    assert known(store) == []
