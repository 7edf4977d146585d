"""Promises of the command line, the client, the stack and the audit."""
