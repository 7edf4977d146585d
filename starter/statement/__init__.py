"""The participant's own statement: what the record holds about them, in plain words of their language, and what they can do."""
