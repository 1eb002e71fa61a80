"""A rule is told only so often: what room it has, who gets it, and where the rest stands."""

from datetime import timedelta

from builders import NOW
from hypothesis import given
from hypothesis import strategies as st
from stages.test_compose import NATO, TALKS, TARIFF, compose, make_waiting

from monitor.model import Snippet, Throttle, Waiting
from monitor.stages.throttle import rooms, throttles, with_room

HOUR = timedelta(hours=1)
TWO = Throttle(max=2, per=HOUR)


def waits(match_id, rule, article="a1", *, hours=0, throttle=TWO, **changes) -> Waiting:
    return make_waiting(match_id, {**rule, "throttle": throttle}, article, published_at=NOW + hours * HOUR, **changes)


def shown(composed):
    """Rule -> the articles told in full, and those that are listed."""
    return {
        section.rule_name: ([one.article_id for one in section.entries], [one.article_id for one in section.more])
        for section in composed.digest.sections
    }


class TestRoom:
    def test_the_newest_match_says_how_often(self):
        old, new = Throttle(max=9, per=HOUR), Throttle(max=1, per=HOUR)
        found = throttles(
            [waits(3, TARIFF, throttle=new), waits(1, TARIFF, throttle=old), waits(2, NATO, throttle=None)]
        )
        assert found == {"二次関税": new}

    def test_a_throttle_that_was_taken_away_is_none(self):
        assert throttles([waits(1, TARIFF), waits(2, TARIFF, throttle=None)]) == {}

    def test_what_was_told_within_the_time_takes_room(self):
        told = {"二次関税": [NOW, NOW - HOUR + timedelta(seconds=1), NOW - HOUR], "other": [NOW] * 9}
        assert rooms({"二次関税": Throttle(max=5, per=HOUR), "nato": TWO}, told, now=NOW) == {"二次関税": 3, "nato": 2}
        assert rooms({"二次関税": Throttle(max=1, per=HOUR)}, told, now=NOW) == {"二次関税": 0}

    def test_what_was_told_while_the_clock_stood_far_ahead_takes_none(self):
        told = {"二次関税": [NOW + 2 * HOUR, NOW + timedelta(minutes=5)]}
        assert rooms({"二次関税": TWO}, told, now=NOW) == {"二次関税": 1}


class TestWaitingForRoom:
    def test_a_rule_without_room_waits(self):
        waiting = [waits(1, TARIFF, "a1"), waits(2, NATO, "a2"), waits(3, TALKS, "a3", throttle=None)]
        left = with_room(waiting, set(), {"二次関税": 0, "nato": 1})
        assert [one.match_id for one in left] == [2, 3]

    def test_a_story_that_another_rule_may_tell_does_not_wait_and_takes_its_matches_along(self):
        waiting = [waits(1, TARIFF, "a1"), waits(2, NATO, "a1", throttle=None)]
        assert with_room(waiting, set(), {"二次関税": 0}) == waiting

    def test_what_was_told_already_needs_no_room(self):
        waiting = [waits(1, TARIFF, "a1"), waits(2, TARIFF, "a2")]
        assert with_room(waiting, {"a2"}, {"二次関税": 0}) == waiting[1:]


class TestWhoGetsTheRoom:
    def test_the_newest_are_told_and_the_rest_is_listed(self):
        composed = compose(*(waits(n, TARIFF, f"a{n}", hours=n) for n in range(1, 6)), room={"二次関税": 2})
        assert shown(composed) == {"二次関税": (["a5", "a4"], ["a3", "a2", "a1"])}
        assert (composed.told, composed.entered) == ((1, 2, 3, 4, 5), (4, 5))
        assert composed.digest.stories == 5

    def test_without_a_throttle_everything_enters(self):
        composed = compose(*(waits(n, TARIFF, f"a{n}", throttle=None) for n in range(1, 4)))
        assert composed.entered == (1, 2, 3)

    def test_a_story_goes_to_its_next_rule_when_the_first_is_full(self):
        composed = compose(
            waits(1, TARIFF, "a1", hours=1),
            waits(2, TARIFF, "a2"),
            waits(3, NATO, "a2", throttle=None, snippet=Snippet(text="NATOは")),
            room={"二次関税": 1},
        )
        assert shown(composed) == {"二次関税": (["a1"], []), "NATO": (["a2"], [])}
        entry = composed.digest.sections[1].entries[0]
        assert (entry.snippet, [name for name, _ in entry.also_rules]) == (Snippet(text="NATOは"), ["二次関税"])
        assert composed.entered == (1, 3)

    def test_another_article_of_the_story_leads_where_only_its_rule_has_room(self):
        composed = compose(
            waits(1, TARIFF, "a1", story="s"), waits(2, NATO, "a2", story="s", throttle=None), room={"二次関税": 0}
        )
        assert shown(composed) == {"NATO": (["a2"], [])}

    def test_a_digest_lists_what_has_no_room_at_all(self):
        composed = compose(waits(1, TARIFF), room={"二次関税": 0})
        assert shown(composed) == {"二次関税": ([], ["a1"])}
        assert (composed.told, composed.entered) == ((1,), ())

    def test_what_is_listed_stands_with_the_entries_that_took_its_room(self):
        composed = compose(
            waits(1, TARIFF, "a1"), waits(2, NATO, "a1"), waits(3, NATO, "a2", hours=1), room={"二次関税": 0, "nato": 1}
        )
        assert shown(composed) == {"NATO": (["a2"], ["a1"])}

    def test_a_story_of_several_articles_takes_room_once(self):
        story = [waits(1, TARIFF, "a1", story="s"), waits(2, TARIFF, "a2", story="s"), waits(3, TARIFF, "a3", hours=-1)]
        assert shown(compose(*story, room={"二次関税": 2})) == {"二次関税": (["a1", "a3"], [])}


RULES = (TARIFF, NATO, TALKS)
ROOMS = st.dictionaries(st.sampled_from([rule["rule_id"] for rule in RULES]), st.integers(0, 3))
MATCHES = st.lists(
    st.tuples(st.sampled_from(RULES), st.integers(0, 7), st.integers(0, 4), st.integers(-3, 3)), max_size=20
)


def every(matches) -> list[Waiting]:
    return [
        waits(number, rule, f"a{article}", story=f"s{story % 5}", hours=hours)
        for number, (rule, article, story, hours) in enumerate(matches, 1)
    ]


@given(MATCHES, ROOMS)
def test_everything_is_told_once_and_no_rule_more_than_its_room(matches, room):
    waiting = every(matches)
    composed = compose(*waiting, room=room)
    assert composed.told == tuple(one.match_id for one in waiting)
    if composed.digest is None:
        assert waiting == []
        return
    entered = [one for one in waiting if one.match_id in composed.entered]
    for section in composed.digest.sections:
        own = [one for one in entered if one.match.rule_id == section.rule_id]
        assert len(own) == len(section.entries)
        assert len(own) <= room.get(section.rule_id, len(own))
        # Nothing is listed while there is room.
        assert not section.more or len(own) == room[section.rule_id]
    assert composed.digest.stories == len({one.story for one in waiting})
    assert len({one.story for one in entered}) == len(entered)


@given(MATCHES, ROOMS)
def test_whoever_does_not_wait_has_room_or_stands_with_those_that_had(matches, room):
    left = with_room(every(matches), set(), room)
    composed = compose(*left, room=room)
    for section in composed.digest.sections if composed.digest else ():
        assert section.entries
