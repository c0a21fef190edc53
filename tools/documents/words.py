"""Descriptions and remedies that the code does not contain, from words.yaml."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


class WordsMismatchError(Exception):
    """The names in the code and in words.yaml differ; the message lists them."""


def pair_words(found: Iterable[str], words: Mapping[str, str]) -> dict[str, str]:
    """Return the words of each name that was found, or raise ``WordsMismatchError`` if the names differ."""
    names = list(dict.fromkeys(found))
    if differing := set(names) ^ set(words):
        raise WordsMismatchError(f"Only one of tools/documents/words.yaml and the code has {sorted(differing)}.")
    return {name: words[name] for name in names}
