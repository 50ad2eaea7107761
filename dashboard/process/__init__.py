"""How processes live: supervision, signs of life, waiting for what is away."""
