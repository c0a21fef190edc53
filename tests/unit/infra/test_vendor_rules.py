"""Names as Google Cloud accepts them, and what it refuses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.arguments import ArgumentsError
from infra.vendor_rules import bucket_name_problems, google_name, label
from tests.support.infra.stacks import deployed


def test_a_name_that_google_accepts_stays_as_it_is() -> None:
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
def test_any_text_has_a_name_that_google_accepts(text: str) -> None:
    name = google_name(text, 30)
    assert re.fullmatch(r"[a-z]([a-z0-9-]{4,28}[a-z0-9])", name)


@given(st.text(max_size=100))
def test_any_text_has_a_label(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]{0,63}", label(text))


@pytest.mark.parametrize("name", ["goog-tiktok-dev", "p-tiktok-google-x", "p-g00gle", "p-goog1e-dev", "p-google-x"])
def test_a_bucket_name_with_google_in_it_is_refused(name: str) -> None:
    (problem,) = bucket_name_problems(name)
    assert problem.startswith(f"The archive's bucket would be called {name!r}, but Cloud Storage refuses names")


@pytest.mark.parametrize("name", ["example-project-tiktok-proxy-dev", "my-goog", "p-101-dev"])
def test_other_bucket_names_are_accepted(name: str) -> None:
    assert not list(bucket_name_problems(name))


def test_a_project_whose_bucket_would_be_refused_stops_the_preview() -> None:
    with pytest.raises(ArgumentsError, match="would be called 'google-shop-tiktok-proxy-dev'"):
        deployed(**{"gcp:project": "google-shop"})
