#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the machine: Python, this library, and a user for students' code.
set -euo pipefail
root=${AUTOGRADER:-/autograder} user=${AUTOGRADER_USER:-student}

python=
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
            python=$candidate
            return
        fi
    done
}

find_python
if [ -z "$python" ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    for version in 3.13 3.12 3.11; do
        if apt-get install -y "python$version" "python$version-venv"; then break; fi
    done
    find_python
fi
if [ -z "$python" ]; then
    echo "No Python 3.11 or newer was found; choose Ubuntu 24.04 as the base image." >&2
    exit 1
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --quiet "$root/source/library"

# Students' code is run by a user of its own, who can read neither the tests nor the results.
if [ "$(id -u)" -eq 0 ]; then
    id "$user" > /dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
    chmod -R go= "$root/source"
fi
