#!/bin/sh
# Finds a Python that is new enough and lets it make the project's own environment, .venv/.
#
#     sh deploy/environment.sh run|stack|load|test       (from the project's root; PYTHON=… names the one to use)
#
# This is shell because an old Python could not even read deploy/environment.py.

is_new_enough() {
    # A candidate is run before it is believed: a version manager's stand-in can be on the PATH
    # for a Python that is not installed.
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

refuse() {
    echo "NovaShop needs Python 3.11 or newer, $1; install one, or say where it is: make run PYTHON=/path/to/python3" >&2
    exit 1
}

if [ -n "$PYTHON" ]; then
    is_new_enough "$PYTHON" || refuse "and $PYTHON is not"
    exec "$PYTHON" deploy/environment.py "$@"
fi

managed=${PYENV_ROOT:-$HOME/.pyenv}/versions
for candidate in .venv/bin/python python3 python python3.14 python3.13 python3.12 python3.11 \
    "$managed"/3.*/bin/python3; do
    if is_new_enough "$candidate"; then
        exec "$candidate" deploy/environment.py "$@"
    fi
done

found=$(python3 --version 2>&1) || found=$(python --version 2>&1) || refuse "and finds none here"
refuse "and finds only $found here"
