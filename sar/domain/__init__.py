"""Ground floor: the words and rules of subject access. Standard library only, no I/O, no clock.

The moment something happens is always an argument.
"""
