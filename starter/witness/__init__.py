"""A witness: a small process of somebody else, who cosigns a checkpoint of the log only if it goes on from all that they saw before."""
