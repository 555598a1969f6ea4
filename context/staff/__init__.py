"""People of the house: accounts, roles, sessions, API tokens."""
