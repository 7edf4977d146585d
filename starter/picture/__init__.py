"""Pictures of cases and programs: what happened, or what is meant to happen, on one page that a panel reads in a minute."""
