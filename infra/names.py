"""Names as Google Cloud wants them spelled."""

import re
from hashlib import sha256


def google_name(text: str, longest: int) -> str:
    """Spell ``text`` in lower-case letters, digits and hyphens, in at most ``longest`` characters.

    Where that changes it, six hex digits of its SHA-256 keep it apart from texts that are spelled alike.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if plain == text and len(plain) <= longest:
        return plain
    return f"{plain[: longest - 7].rstrip('-')}-{sha256(text.encode()).hexdigest()[:6]}"


def label(text: str) -> str:
    """Spell ``text`` as a label's value: lower-case letters, digits, hyphens and underscores, at most 63 of them."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[-63:].strip("-")
