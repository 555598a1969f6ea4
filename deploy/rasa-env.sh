#!/bin/sh
# Makes the Python 3.10 environment in which Rasa 3.6.21 runs beside Baton; a second call finds it made and does nothing.
# BATON_RASA_PYTHON: the Python 3.10 to use. BATON_RASA_ENV: the folder of the environment (default .rasa-venv).
set -eu
root=$(cd "${0%/*}/.." && pwd)
env=${BATON_RASA_ENV:-$root/.rasa-venv}
lock=$root/deploy/requirements-rasa.lock

is_310() { "$1" -c 'import sys, ssl, venv; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${BATON_RASA_PYTHON:-}" ]; then
        if is_310 "$BATON_RASA_PYTHON"; then echo "$BATON_RASA_PYTHON"; return 0; fi
        echo "BATON_RASA_PYTHON is $BATON_RASA_PYTHON, which is no working Python 3.10." >&2
        return 1
    fi
    # A python3.10 of pyenv that is not the chosen version is a shim that only fails: then look where pyenv keeps its versions.
    for python in python3.10 "${PYENV_ROOT:-${HOME:-/}/.pyenv}"/versions/3.10.*/bin/python; do
        if is_310 "$python"; then command -v "$python"; return 0; fi
    done
    echo "Rasa 3.6.21 needs Python 3.10, and there is none here." >&2
    return 1
}

if cmp -s "$lock" "$env/.installed" 2>/dev/null; then
    echo "Rasa's environment is ready: $env"
    exit 0
fi
if ! python=$(find_python); then
    echo "Install one (Debian or Ubuntu: the packages python3.10 and python3.10-venv where they are offered; anywhere: pyenv install 3.10," >&2
    echo "or uv python install 3.10), or name one with BATON_RASA_PYTHON=/path/to/python3.10. Baton itself does not need it." >&2
    exit 2
fi
if [ -e "$env" ] && [ ! -f "$env/pyvenv.cfg" ]; then
    echo "$env is there and is no Python environment; it is left alone. Remove it, or name another folder with BATON_RASA_ENV." >&2
    exit 2
fi
echo "Installing Rasa 3.6.21 into $env with $python (about 2 GB, some minutes, once) ..."
began=$(date +%s)
"$python" -m venv --clear "$env"
echo '*' > "$env/.gitignore"
pip() { "$env/bin/python" -m pip --disable-pip-version-check "$@"; }
# Some old packages have no wheel and are built with the setuptools that is there, so that comes first.
pip install --quiet $(grep -E '^(setuptools|wheel)==' "$lock")
if [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ]; then
    pip install --quiet --no-build-isolation --no-deps -r "$lock"
else
    pip install --quiet --no-build-isolation -c "$lock" rasa==3.6.21
fi
RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 "$env/bin/python" -W ignore -m rasa --version | grep '^Rasa Version'
cp "$lock" "$env/.installed"
echo "Done in $(($(date +%s) - began)) s, $(du -sm "$env" | cut -f1) MB."
