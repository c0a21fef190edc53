"""``python -m tools.documents``: write the generated documents."""

from tools.documents.pages import pages

for path, text in pages().items():
    path.write_text(text, encoding="utf-8")
