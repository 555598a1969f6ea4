"""What runs inside Rasa's own environment, on Python 3.10: nothing here may import Baton."""
