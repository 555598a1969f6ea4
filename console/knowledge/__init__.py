"""The page on how articles are used and how healthy they are."""
