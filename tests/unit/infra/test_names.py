"""Names and labels as Google Cloud wants them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.vendor_rules import google_name, label


def test_a_name_that_google_takes_is_left_as_it_is() -> None:
    assert google_name("tiktok-proxy-dev", 30) == "tiktok-proxy-dev"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tiktok-proxy-Dev", "tiktok-proxy-dev"),
        ("p-a.b", "p-a_b"),
        ("tiktok-proxy-" + "a" * 90, "tiktok-proxy-" + "a" * 91),
    ],
)
def test_texts_that_are_spelled_alike_are_kept_apart(one: str, other: str) -> None:
    assert google_name(one, 30) != google_name(other, 30)


@given(st.text(max_size=100))
def test_any_stack_has_a_name_that_google_takes(stack: str) -> None:
    name = google_name(f"tiktok-proxy-{stack}", 30)
    assert re.fullmatch(r"[a-z]([a-z0-9-]{4,28}[a-z0-9])", name)


@given(st.text(max_size=100))
def test_any_text_has_a_label(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]{0,63}", label(text))
