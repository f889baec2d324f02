"""Source text to module summaries. The only home of tree-sitter; pure functions of the bytes, never raising."""
