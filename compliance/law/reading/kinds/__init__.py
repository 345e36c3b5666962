"""One reader per kind of norm: exactly the parameters that the rule of that kind reads."""
