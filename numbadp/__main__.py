"""``python -m numbadp``: the same as the command ``numbadp``."""

import sys

from numbadp.cli import main

if __name__ == "__main__":
    sys.exit(main())
