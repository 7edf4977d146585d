"""Planted words, and the proof that they stand nowhere but where they were put: sealed."""
