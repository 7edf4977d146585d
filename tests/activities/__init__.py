"""Tests of settings, telemetry and effects."""
