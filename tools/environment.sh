#!/usr/bin/env bash
# The Python environment of this checkout: tools/environment.sh PYTHON FOLDER. `make` runs it when requirements change.
#
# Interrupted or failed while it makes one, it leaves nothing behind; what was cut off harder than that (a kill, a
# power cut) is known by the mark inside, or by its missing pip, and made anew. An environment that was whole is
# brought up to date in place, and stays as it is when that is interrupted.
set -euo pipefail

python=$1 folder=$2 half="$2/.half-made"

say() { echo "setup: $*" >&2; }

clear_away() {
  if [ -e "$half" ]; then
    rm -rf "$folder"
    say "nothing is left half made; the next make begins anew"
  fi
}

if [ -e "$half" ] || ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
  [ ! -e "$folder" ] || say "$folder is half made: making it anew"
  rm -rf "$folder"
  mkdir -p "$folder"
  touch "$half"
  trap clear_away EXIT
  trap 'exit 130' INT TERM HUP
  say "making $folder with $("$python" --version)"
  "$python" -m venv "$folder"
else
  say "bringing $folder up to date"
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
"$folder/bin/python" -m tools.bicep fetch
rm -f "$half"
touch "$folder/.ready"
