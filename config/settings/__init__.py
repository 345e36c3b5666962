"""Settings for each environment; base holds what they share."""
