"""Service levels: what is promised to whom, the clocks that run, warnings and breaches, figures."""
