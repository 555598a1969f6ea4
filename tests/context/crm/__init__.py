"""Tests of the link to customer systems."""
