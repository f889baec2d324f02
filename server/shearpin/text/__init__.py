"""Text as bytes: spans, line index, edits and position encodings. Knows no language."""
