"""Events that leave the house in the form of Standard Webhooks."""
