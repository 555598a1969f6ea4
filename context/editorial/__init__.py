"""Editorial work from outside: articles, their versions and files over /v1, and the files that readers get."""
