"""Helps a human agent: unasked suggestions with each customer message, and the record of whether they helped."""
