"""One file a claim; ``make bench [ONLY=name]`` measures them."""
