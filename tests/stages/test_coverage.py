"""What a match may become, and which coverage has reached a threshold."""

from datetime import timedelta

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st
from stores.making import make_match

from monitor.model import Telling, Threshold
from monitor.stages.coverage import Sighting, first_telling, reached

HOUR = timedelta(hours=1)


def seen(hours: float, story: str, *outlets: str) -> Sighting:
    return Sighting(at=NOW + hours * HOUR, story=story, outlets=frozenset(outlets))


def limit(stories: int = 1, sources: int = 1, hours: float = 6) -> Threshold:
    return Threshold(stories=stories, sources=sources, within=hours * HOUR)


class TestReached:
    def test_nothing_reaches_nothing(self):
        assert reached([], limit()) == frozenset()

    def test_the_first_reaches_a_threshold_of_one(self):
        assert reached([seen(0, "s", "a")], limit()) == {0}

    def test_all_that_stand_in_the_span_are_told_together(self):
        sightings = [seen(0, "s", "a"), seen(1, "t", "b"), seen(2, "u", "c")]
        assert reached(sightings, limit(stories=3)) == {0, 1, 2}
        assert reached(sightings[:2], limit(stories=3)) == frozenset()

    def test_stories_and_outlets_must_both_be_enough(self):
        one_outlet = [seen(0, "s", "a"), seen(1, "t", "a")]
        assert reached(one_outlet, limit(2, 2)) == frozenset()
        one_story = [seen(0, "s", "a"), seen(1, "s", "b")]
        assert reached(one_story, limit(2, 2)) == frozenset()
        assert reached(one_story, limit(1, 2)) == {0, 1}

    def test_an_article_that_several_carry_counts_for_each(self):
        assert reached([seen(0, "s", "a", "b", "c")], limit(sources=3)) == {0}

    def test_both_ends_of_the_span_count(self):
        assert reached([seen(0, "s", "a"), seen(6, "t", "b")], limit(2)) == {0, 1}
        assert reached([seen(0, "s", "a"), seen(6.01, "t", "b")], limit(2)) == frozenset()

    def test_what_fell_out_of_the_span_stays_untold_and_what_comes_while_it_lasts_is_told(self):
        sightings = [seen(0, "s", "a"), seen(5, "t", "b"), seen(7, "u", "c"), seen(8, "v", "d"), seen(20, "w", "e")]
        assert reached(sightings, limit(3)) == {1, 2, 3}

    def test_the_order_in_which_they_are_given_is_no_matter(self):
        assert reached([seen(2, "u", "c"), seen(9, "x", "d"), seen(0, "s", "a")], limit(2)) == {0, 2}


SIGHTINGS = st.lists(
    st.builds(
        lambda hours, story, outlets: Sighting(at=NOW + hours * HOUR, story=story, outlets=outlets),
        st.integers(0, 20),
        st.sampled_from("stuvw"),
        st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=2),
    ),
    max_size=12,
)
THRESHOLDS = st.builds(limit, st.integers(1, 4), st.integers(1, 4), st.integers(0, 8))


def plainly_reached(sightings: list[Sighting], threshold: Threshold) -> set[int]:
    """Every span that begins with some sighting, looked at one by one."""
    found: set[int] = set()
    for first in sightings:
        span = {i for i, one in enumerate(sightings) if first.at <= one.at <= first.at + threshold.within}
        stories = {sightings[i].story for i in span}
        outlets = {outlet for i in span for outlet in sightings[i].outlets}
        if len(stories) >= threshold.stories and len(outlets) >= threshold.sources:
            found |= span
    return found


@given(SIGHTINGS, THRESHOLDS)
def test_it_agrees_with_looking_at_every_span(sightings, threshold):
    assert reached(sightings, threshold) == plainly_reached(sightings, threshold)


@given(SIGHTINGS, THRESHOLDS, st.randoms(use_true_random=False))
def test_neither_order_nor_batches_matter(sightings, threshold, chance):
    """Told bit by bit, in any order, the same ones have been told in the end."""
    order = list(range(len(sightings)))
    chance.shuffle(order)
    told: set[int] = set()
    for known in range(1, len(order) + 1):
        told |= {order[i] for i in reached([sightings[i] for i in order[:known]], threshold)}
    assert told == reached(sightings, threshold)


HELD = make_match(needs_body=True, when_body_missing="hold", threshold=limit(2))


@pytest.mark.parametrize(
    ("wish", "match", "muted", "telling"),
    [
        (Telling.INITIAL, HELD, {HELD.rule_id}, Telling.INITIAL),
        (Telling.WAITING, HELD, {HELD.rule_id}, Telling.MUTED),
        (Telling.WAITING, HELD, {"another"}, Telling.HELD),
        (Telling.WAITING, make_match(needs_body=True, when_body_missing="skip"), set(), Telling.SKIPPED),
        (Telling.WAITING, make_match(needs_body=True, threshold=limit(2)), set(), Telling.GATHERING),
        (Telling.WAITING, make_match(when_body_missing="hold", threshold=limit(2)), set(), Telling.GATHERING),
        (Telling.WAITING, make_match(when_body_missing="skip"), set(), Telling.WAITING),
        (Telling.WAITING, make_match(needs_body=True), set(), Telling.WAITING),
    ],
)
def test_what_a_match_becomes_first(wish, match, muted, telling):
    assert first_telling(wish, match, muted=muted) is telling
