"""What a supervisor should see: anger, a mood that falls, threats to leave, legal and safety words, important customers who wait."""
