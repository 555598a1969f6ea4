#!/bin/sh
# Makes the environment in which `make peers` trains SetFit; a second call finds it made and does nothing.
# PYTHON: a Python 3.11 or newer (default python3.11). BATON_PEERS_ENV: the folder of the environment (default .peers-venv).
set -eu
root=$(cd "${0%/*}/.." && pwd)
env=${BATON_PEERS_ENV:-$root/.peers-venv}
lock=$root/deploy/requirements-peers.lock
if cmp -s "$lock" "$env/.installed"; then
    echo "The environment of the peers is ready: $env"
    exit 0
fi
if [ -e "$env" ] && [ ! -f "$env/pyvenv.cfg" ]; then
    echo "$env is there and is no Python environment; it is left alone. Remove it, or name another folder with BATON_PEERS_ENV." >&2
    exit 2
fi
echo "Installing SetFit 1.2.0 into $env (about 2 GB, some minutes, once) ..."
began=$(date +%s)
"${PYTHON:-python3.11}" -m venv --clear "$env"
echo '*' > "$env/.gitignore"
"$env/bin/python" -m pip --disable-pip-version-check install --quiet -r "$lock"
cp "$lock" "$env/.installed"
echo "Done in $(($(date +%s) - began)) s, $(du -sm "$env" | cut -f1) MB."
