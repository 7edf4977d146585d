"""The ways in which a ledger, a Temporal server or keys are lost, and what is restored."""
