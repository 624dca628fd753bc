"""`python -m assistant` is the command `xietong`."""

import sys

from assistant.cli import main

sys.exit(main())
