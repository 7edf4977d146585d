"""The embedded stack: Postgres and Temporal's development server from wheels, real processes on this machine.

For trying Offramp, for its demo and for its tests. Every part can be replaced by one of your own through settings; see
deploy/ for that. What stands in the data directory is the whole state: a second start goes on where the first stopped.
"""

from starter.stack.embedded import Addresses, Stack, default_data_dir
from starter.stack.ports import Ports
from starter.stack.problem import StackError
from starter.stack.workers import Worker

__all__ = ["Addresses", "Ports", "Stack", "StackError", "Worker", "default_data_dir"]
