"""Helpers that know no noun of the product: database, errors, jobs, blobs, clock, log."""
