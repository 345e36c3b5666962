"""Arithmetic on what others have counted: plain numbers in, frozen dataclasses out; no database, clock or settings."""
