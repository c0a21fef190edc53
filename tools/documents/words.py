"""What the code does not say of itself: words.yaml, held to what the code says."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


class WordsLacking(Exception):
    """The code and the words about it differ; the message says by what."""


def paired(found: Iterable[str], words: Mapping[str, str]) -> dict[str, str]:
    """Return the words about everything that was found, or raise ``WordsLacking`` where one side has more."""
    names = list(dict.fromkeys(found))
    if differ := set(names) ^ set(words):
        raise WordsLacking(f"tools/documents/words.yaml and the code differ by {sorted(differ)}.")
    return {name: words[name] for name in names}
