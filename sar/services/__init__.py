"""First floor: one class for each step of the route. No step imports another; none knows an adapter."""
