"""Models as files: what is written is read again, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.model_files import NoModelFile, read, written
from scoring.domain.model_numbers import Numbers

GOOD = "name: A\nreason: B\nhalf_life_days: 30\nminimum_colleagues: 3\nterms:\n  answered: {weight: 100, halfway: 40}\n"
TERMS = st.dictionaries(st.integers(1, 8), st.tuples(st.integers(1, 100), st.integers(1, 10_000)), min_size=1)


@given(terms=TERMS, half_life=st.integers(7, 365), name=st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_what_is_written_is_read_again(terms, half_life, name):
    numbers = Numbers(half_life, 3, terms)
    assert read(written(numbers, name=name[:80], reason="Because: of this")) == (numbers, name[:80], "Because: of this")


@given(st.text())
def test_any_text_is_a_model_or_refused_with_a_sentence(text):
    with pytest.raises(NoModelFile, match=r"\.$"):
        read(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + "colour: red\n", "nobody here knows: colour"),
        (GOOD.replace("reason: B\n", ""), "lacks reason"),
        (GOOD + "name: C\n", "Line 7 says “name” for the second time"),
        (GOOD.replace("100", "&a 100") + "more: *a\n", "Line 7 refers to another place"),
        (GOOD.replace("answered", "liked"), "No kind is called “liked”"),
        (GOOD.replace("100", ".nan"), "must be a whole number"),
        (GOOD.replace("100", "99.5"), "must be a whole number"),
        (GOOD.replace("100", "true"), "must be a whole number"),
        (GOOD.replace("30", "thirty"), "“half_life_days” must be a whole number"),
        (GOOD.replace("name: A", "name: !!python/object/apply:os.system [ls]"), "is no YAML"),
        (GOOD + "  : {", "is no YAML"),
        ("[" * 5000, "is no YAML"),
        ("x" * 30_000, "longer than"),
        ("- 1", "must name its fields"),
    ],
)
def test_refused_file_says_where_and_why(text, sentence):
    with pytest.raises(NoModelFile, match=sentence):
        read(text)
