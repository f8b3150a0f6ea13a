"""The invented sample family, taken along the whole route on real stores. Uses only what everyone has: bootstrap."""
