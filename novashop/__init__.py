"""The Django project that configures the shop."""

# As in pyproject.toml, which is not everywhere that the shop runs.
__version__ = "0.1.0"
