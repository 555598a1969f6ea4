#!/bin/sh
# Makes sure that Chromium and a Chinese font are here for the browser tests: with apt where we may, else it says what to do.
set -eu
found() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
if found >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
else
    echo "Chromium is missing: install the package chromium (or set BATON_CHROMIUM); the browser tests will fail without it." >&2
fi
