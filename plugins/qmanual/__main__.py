"""`python -m qmanual`, which is what build.py becomes."""

from qmanual.cli import main

main()
