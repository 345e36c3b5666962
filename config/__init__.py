"""Wiring: the environment, the settings, the servers, the task queue. It names the apps only by string."""

__version__ = "0.1.0"
