"""One customer's data, given out or erased: whole, over all tables and files, with what was under way stopped."""
