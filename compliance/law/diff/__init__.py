"""What a new version of a pack would change, before it is loaded: in words, and in money over the register at hand."""
