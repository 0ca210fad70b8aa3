#!/bin/sh
# What an installer puts into a folder of the PATH, for an installation of the tests.
PYTHONPATH="$SITE" exec "$PYTHON" -S -P -c "import sys; sys.argv[0] = 'bastion-guard'; from remediation.__main__ import main; sys.exit(main())" "$@"
