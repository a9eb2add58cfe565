#!/bin/sh
# Builds the Python 3.11 environment in .venv from a hash-locked requirements file; brings uv if it is missing.
# Usage: sh deploy/environment.sh requirements.txt
set -eu
lock=$1
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

fail() { echo "kefu: $*" >&2; exit 1; }

uv=$(command -v uv || true)
[ -n "$uv" ] || { [ -x .tools/bin/uv ] && uv=.tools/bin/uv; } || true
if [ -z "$uv" ]; then
    echo "kefu: bringing uv (the package installer) ..."
    python=$(command -v python3 || command -v python || true)
    [ -n "$python" ] || fail "no python3 found: install any Python 3 and run make again."
    can() { "$python" -c "import $1" 2>/dev/null; }
    # Debian's python3 comes without venv and pip; whoever may install packages gets them here.
    if ! can ensurepip && ! can pip && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "kefu: installing python3-venv ..."
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; } ||
            fail "python3-venv could not be installed: see the lines above."
        python=/usr/bin/python3
    fi
    rm -rf .tools
    if can ensurepip; then
        { "$python" -m venv .tools && .tools/bin/python -m pip install --quiet uv; } ||
            fail "uv could not be installed: see the lines above; check the network and the free disk space."
    elif can pip; then
        "$python" -m pip install --quiet --target .tools uv ||
            fail "uv could not be installed: see the lines above; check the network and the free disk space."
    else
        fail "$python has neither venv nor pip: install python3-venv, or uv itself, and run make again."
    fi
    uv=.tools/bin/uv
fi

if [ ! -x .venv/bin/python ]; then
    echo "kefu: creating the Python 3.11 environment in .venv ..."
    "$uv" venv --quiet --python 3.11 .venv || fail "no Python 3.11 found: install it (or let uv download one) and run make again."
fi
version=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$version" = 3.11 ] || fail ".venv holds Python $version, Kefu needs 3.11: remove .venv and run make again."

echo "kefu: installing what $lock locks (a minute on the first run) ..."
"$uv" pip install --quiet --python .venv/bin/python --require-hashes --no-deps -r "$lock" ||
    fail "the packages could not be installed: see the lines above; check the network and the free disk space."

# The repository is importable everywhere in the environment, and Rasa imports without what it never calls.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\nimport bot.runtime.light_rasa\n' "$root" > "$site/kefu.pth"
printf '#!%s/.venv/bin/python\nfrom kefu.cli import main\n\nraise SystemExit(main())\n' "$root" > .venv/bin/kefu
chmod +x .venv/bin/kefu
