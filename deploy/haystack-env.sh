#!/bin/sh
# Makes the environment in which `make search-peers` runs Haystack; a second call finds it made and does nothing.
# PYTHON: a Python 3.11 or newer (default python3.11). BATON_HAYSTACK_ENV: the folder of the environment (default .haystack-venv).
set -eu
root=$(cd "${0%/*}/.." && pwd)
env=${BATON_HAYSTACK_ENV:-$root/.haystack-venv}
lock=$root/deploy/requirements-haystack.lock
if cmp -s "$lock" "$env/.installed"; then
    echo "The environment of Haystack is ready: $env"
    exit 0
fi
if [ -e "$env" ] && [ ! -f "$env/pyvenv.cfg" ]; then
    echo "$env is there and is no Python environment; it is left alone. Remove it, or name another folder with BATON_HAYSTACK_ENV." >&2
    exit 2
fi
echo "Installing Haystack into $env (about 200 MB, a minute, once) ..."
"${PYTHON:-python3.11}" -m venv --clear "$env"
echo '*' > "$env/.gitignore"
"$env/bin/python" -m pip --disable-pip-version-check install --quiet -r "$lock"
cp "$lock" "$env/.installed"
echo "Done."
