"""Search beside other systems on the same articles, questions and vectors."""
