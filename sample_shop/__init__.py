"""Lantern Court, the invented shop that a newcomer meets first: its articles, products, customers and orders are all made up."""
