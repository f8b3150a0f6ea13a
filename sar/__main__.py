"""``python -m sar``, and the command itself."""


def main() -> None:
    """Run the command line. A process that the program starts loads this module again, and needs nothing of it."""
    from sar.cli import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
