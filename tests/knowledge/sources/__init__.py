"""Sources: what each kind of document becomes, and what is refused."""
