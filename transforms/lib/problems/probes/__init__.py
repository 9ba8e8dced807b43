"""Tests of unittest and doctest as probes: functions that run beside the candidate."""
