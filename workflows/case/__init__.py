"""A participant's case: one room per subject, and `case.py` where the rooms meet.

A room is one subject on one page: its law, its commands, its events, its state, the facts it needs of other rooms, `decide`,
`evolve`, and what it owes. Rooms never import one another; what one must know of another, `case.py` hands it as `Facts`.
"""
