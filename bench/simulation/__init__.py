"""A simulation study of the headline: populations whose true number is known, and what the service says of them."""
