"""After a loss: what others hold of the ledger is gathered, judged against what was signed, and put back exactly; or what is missing is named."""
