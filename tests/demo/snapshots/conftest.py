"""How many questions are asked."""

from hypothesis import settings

settings.register_profile("thorough", max_examples=3000)  # pytest --hypothesis-profile=thorough
