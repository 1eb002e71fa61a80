"""Text as people print it -> text as words are looked for in it. Pure: folding, borders, snippets, encodings."""
