"""``python -m service.cli`` is ``osteon``."""

from service.cli import main

main()
