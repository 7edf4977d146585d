"""Offramp's workflows: the pure packages (`core`, `program`, `case`) and the thin Temporal shell (`participant`).

This module imports nothing, so that the pure packages load where Temporal is absent.
"""
