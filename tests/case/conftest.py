"""How deep the properties search: quickly by default, deeper where nobody waits (OFFRAMP_PROPERTIES=deep, or in CI)."""

import os

from hypothesis import HealthCheck, settings

_CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile(
    "quick", max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=_CHECKS
)
settings.register_profile(
    "deep", max_examples=150, stateful_step_count=60, deadline=None, suppress_health_check=_CHECKS
)
settings.load_profile(os.environ.get("OFFRAMP_PROPERTIES", "deep" if "CI" in os.environ else "quick"))
