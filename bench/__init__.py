"""The bench: what the service does, timed beside raw PostgreSQL doing the same work in the same run."""
