"""What belongs to one person at the desk: views, what they have read, what they are told, what they are writing, how they like it."""
