"""The sample: a synthetic register of any size, modelled on the published figures and labelled in every row."""
