"""What is known of a customer: labels, consent, notes, what the shop tells, segments, the single view."""
