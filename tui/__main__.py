"""`python -m tui` is `o9s`."""

from tui.cli.main import main

if __name__ == "__main__":
    main()
