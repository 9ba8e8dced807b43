"""What sources count less: all that goes, and of no source more than it counted."""

from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.rights.source_counts import spread

PROJECTS = st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["1", None]))


@given(st.lists(st.tuples(PROJECTS, st.integers(0, 5)), max_size=5), st.data())
def test_all_is_counted_once(sources, data):
    projects, counts = [p for p, _ in sources], [n for _, n in sources]
    # What goes was counted somewhere, if perhaps in a source that has many projects.
    left, taken = sum(counts), {}
    for project in data.draw(st.lists(PROJECTS, unique=True, max_size=4)):
        taken[project] = data.draw(st.integers(0, left))
        left -= taken[project]
    less = spread(projects, counts, taken)
    assert sum(less) == sum(taken.values())
    assert all(0 <= each <= count for each, count in zip(less, counts, strict=True))


def test_a_source_of_the_same_project_comes_first():
    projects = [(None, None), ("a", "2"), ("a", "1")]
    assert spread(projects, [9, 9, 2], {("a", "1"): 3, ("b", "1"): 4}) == [4, 1, 2]
