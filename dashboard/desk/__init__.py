"""What a dispatcher asks: one case whole, candidates, what a move does, queries for cases."""
