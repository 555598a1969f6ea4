"""The supervisors' page: who waits, who is here, alerts, today's figures, and watching, whispering, taking over, reassigning."""
