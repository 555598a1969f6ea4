"""The page on which agents work: conversations, one of them whole, its customer, and suggestions."""
