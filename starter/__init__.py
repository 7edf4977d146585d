"""Offramp's outside: the command line, the client, the embedded stack, and the audit."""
