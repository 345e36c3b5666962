"""Wiring: the environment, the settings, the servers, the task queue. It names the apps only by string."""

import os

__version__ = "0.1.0"

# Before anything loads it: on matrices as small as those of the estimates, threads of its own cost linear algebra five
# times what they save, more so beside other workers.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
