"""The bench: what the service does, timed beside raw PostgreSQL doing the same work in the same run."""

# It keeps linear algebra to one thread, and has to come before numpy.
import config as config
