"""Subject access and records transparency, run by the controller.

Nothing is imported here but the version: importing one room must not open the whole house.
"""

__version__ = "0.1.0"
