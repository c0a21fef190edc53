"""``python -m tools.documents``: write the documents that are made from the code."""

from tools.documents.pages import pages

for path, text in pages().items():
    path.write_text(text, encoding="utf-8")
