"""Settings for the property tests: no deadline, since a busy machine is no reason to fail.

`make fuzz` runs them with the profile `thorough`.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile(
    "thorough", deadline=None, max_examples=20_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
