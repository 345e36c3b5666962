"""Linkage: which sightings of nobody known may be of a miner on file, or of an operation seen before, by a model."""
