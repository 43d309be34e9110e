"""`python -m tahkim.cli`: the command line, where the command itself is not on the path."""

from tahkim.cli import main

if __name__ == "__main__":
    main()
