"""`python -m sae` is the command `sae`."""

from .cli import main

main()
