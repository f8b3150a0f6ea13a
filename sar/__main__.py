"""``python -m sar``."""

from sar.cli import main

main()
