"""`python -m monitor`, and the `monitor` script."""

from monitor.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
