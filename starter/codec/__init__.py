"""A codec server for Temporal's UI and command line: it opens the payloads of a case for whoever may read that case, and no opening goes unrecorded."""
