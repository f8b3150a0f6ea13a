#!/usr/bin/env bash
# Makes a checkout ready to run. Every step is skipped when it is up to date.
#   deploy/setup.sh run    system libraries, a private .venv from requirements.lock, stylesheets and fonts
#   deploy/setup.sh test   the same, with what the tests and checks need
# Which registries are asked (apt, pip, npm) is the machine's own setting.
set -euo pipefail
cd -P "$(dirname "$0")/.."
goal=${1:-run}
python=${PYTHON:-python3}
venv=.venv

say() { printf 'setup: %s\n' "$*"; }
give_up() { printf 'setup: %s\n' "$@" >&2; exit 2; }

# --- what the system must have, asked by what works rather than by what is installed -----------------
has_library() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }
missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  has_library libpango-1.0.so.0 || echo libpango-1.0-0
  has_library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
  has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
  [[ $goal == test ]] || return 0
  command -v chromium >/dev/null || echo chromium
  command -v pdftotext >/dev/null || echo poppler-utils
  has_library libatomic.so.1 || echo libatomic1
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
  # Stores of other kinds, as private servers of the tests; Debian keeps servers where a plain PATH does not look.
  local path=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  PATH=$path command -v mariadbd >/dev/null || echo mariadb-server
  PATH=$path command -v dovecot >/dev/null || echo dovecot-imapd
  PATH=$path command -v sshd >/dev/null || echo openssh-server
  PATH=$path command -v smbd >/dev/null || echo samba
  command -v tesseract >/dev/null || echo tesseract-ocr
}
may_install() { # sets `root` to what makes a command run as root without asking
  root=()
  [[ $(id -u) == 0 ]] && return 0
  root=(sudo -n)
  command -v sudo >/dev/null && sudo -n true 2>/dev/null
}
keep_servers_down() { # Debian starts a server when it installs one, unless this file says no
  local policy=/usr/sbin/policy-rc.d
  [[ ! -e $policy ]] || return 0
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null && "${root[@]}" chmod +x $policy
  trap '"${root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}
install_packages() {
  local wanted=("$@") by_hand
  by_hand="apt-get install -y --no-install-recommends ${wanted[*]}"
  command -v apt-get >/dev/null ||
    give_up "this system lacks, in Debian's names: ${wanted[*]}" "install them, then type the same command again."
  may_install ||
    give_up "some system packages are missing, and installing them needs your password. Type this, then the same command again:" \
      "  sudo apt-get update && sudo $by_hand"
  say "system packages: ${wanted[*]}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=60)
  if [[ " ${wanted[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    # Tests start private servers of their own and end them: no database of the system's is wanted for good.
    "${root[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  [[ $goal != test ]] || keep_servers_down
  # The lists may be fresh enough; only a failure is worth the wait of fetching them.
  "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" >/dev/null 2>&1 && return 0
  "${apt[@]}" update >/dev/null &&
    "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" >/dev/null ||
    give_up "apt could not install them (its own words are above). Try:" "  sudo $by_hand"
}

# --- the private Python -------------------------------------------------------------------------------
# A stamp is the digest of all that decides the result; the folder is in it because a venv cannot be moved.
digest_of() { { pwd; "$python" --version; cat "$@"; } | sha256sum | cut -d' ' -f1; }
is_stamped() { [[ -f $venv/.stamp-$1 && $(<"$venv/.stamp-$1") == "$2" ]]; }

make_venv() {
  [[ -x $venv/bin/python ]] && "$venv/bin/python" -c 'import pip' 2>/dev/null &&
    [[ $("$venv/bin/python" -c 'import sys; print(sys.prefix)') == "$PWD/$venv" ]] && return 0
  say "a private Python in $venv"
  "$python" -m venv --clear "$venv"
}
install_python() { # lock file, stamp name
  local digest
  digest=$(digest_of "$1" pyproject.toml)
  if is_stamped "$2" "$digest"; then say "Python packages: up to date"; return 0; fi
  say "Python packages from $1 (about half a minute)"
  local pip=("$venv/bin/python" -m pip --disable-pip-version-check -qq install)
  # The lock is whole, so nothing is left to resolve; compiling waits until a module is used.
  "${pip[@]}" --require-hashes --no-deps --no-compile -r "$1" ||
    give_up "pip could not install $1 (its own words are above). Check: pip config list"
  "${pip[@]}" --no-deps --no-build-isolation --no-compile -e . ||
    give_up "this checkout could not be installed into $venv (see above)."
  echo "$digest" >"$venv/.stamp-$2"
  say "Python packages: ready"
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  give_up "Python 3.11 or newer is needed. On Debian: sudo apt-get install python3; elsewhere: make demo PYTHON=python3.11"
mapfile -t wanted < <(missing_packages)
((${#wanted[@]} == 0)) || install_packages "${wanted[@]}"
make_venv
# The assets need only the new Python, so they are fetched beside the packages.
"$venv/bin/python" deploy/fetch_assets.py &
assets=$!
case $goal in
  run) is_stamped test "$(digest_of requirements-dev.lock pyproject.toml)" || install_python requirements.lock run ;;
  test) install_python requirements-dev.lock test ;;
  *) give_up "say run or test, not $goal" ;;
esac
wait "$assets" || exit 2
