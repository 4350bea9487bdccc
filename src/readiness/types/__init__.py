"""The nouns: every value that crosses a stage. Frozen records of str, int, float, bool, tuples and mappings of them."""
