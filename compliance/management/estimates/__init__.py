"""The verbs of `manage.py estimate`, one module each."""
