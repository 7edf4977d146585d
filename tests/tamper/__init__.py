"""What somebody who owns everything of ours can do to the record, and that it is found."""
