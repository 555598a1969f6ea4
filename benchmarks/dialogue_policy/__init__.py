"""How well the policies go on where no story has gone: an invented bicycle hire, its stories, and held-out talks."""
