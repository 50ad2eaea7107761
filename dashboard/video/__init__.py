"""Video points: where cameras stand, what they could see and whether they work; never what they see."""
