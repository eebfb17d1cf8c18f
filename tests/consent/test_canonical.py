"""Canonical JSON against RFC 8785's own examples, as far as payloads reach."""

import pytest

from consent.domain.canonical import NotCanonical, canonical, digest_of


def test_keys_are_sorted_and_nothing_is_padded():
    assert canonical({"b": [1, {"d": None, "c": True}], "a": "x"}) == '{"a":"x","b":[1,{"c":true,"d":null}]}'


def test_texts_are_escaped_as_in_the_standard():
    """RFC 8785, section 3.2.2.2: the string of its sample."""
    sample = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"}
    assert canonical(sample) == '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), {1: 2}, b"x", {"a": {1, 2}}, [{"b": 0.1}]])
def test_what_writers_could_write_differently_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical({"a": value})


def test_digest_is_sha_256_of_utf_8():
    assert digest_of("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
