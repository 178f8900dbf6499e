"""How the scripts of this folder cut texts into rows."""
import re


def pieces(text, words=70):
    """Cuts a text at sentence ends into rows of about `words` words."""
    row = []
    for sentence in re.split(r"(?<=[.!?;])\s+", text):
        part = sentence.split()
        if row and len(row) + len(part) > words:
            yield " ".join(row)
            row = []
        row += part[:words]
    if row:
        yield " ".join(row)
