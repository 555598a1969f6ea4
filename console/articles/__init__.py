"""The pages on which editors work: the list of articles, and one article in all its languages."""
