"""A stand-in for a system of a shop that talks to Baton by signed webhooks."""
