"""The pure core: a case, its rooms, and where they meet."""
