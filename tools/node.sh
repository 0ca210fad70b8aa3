#!/usr/bin/env bash
# What npm brings: the storage emulator, the library that renders cards, a browser, a parser. Nothing where it is there.
#
# One line says what is missing or what npm said; whoever can do without goes on.
set -euo pipefail

ready=node_modules/.ready
if [ -e "$ready" ] && [ "$ready" -nt package.json ] && [ "$ready" -nt package-lock.json ]; then
  exit 0
fi
if ! command -v npm >/dev/null; then
  echo "Node 20 with npm is missing; the storage emulator (Azurite) needs it: install it from nodejs.org or your package manager" >&2
  exit 1
fi
echo "setup: installing the storage emulator and a browser for the tests with npm" >&2
said=$(mktemp)
done=""
trap 'rm -f "$said"; [ -n "$done" ] || rm -rf node_modules' EXIT
trap 'exit 130' INT TERM HUP
# A registry that cannot be reached is given up on within seconds, not after npm's usual minute and a half.
if ! npm ci --fetch-retries=1 --fetch-retry-mintimeout=500 --fetch-retry-maxtimeout=2000 --loglevel=error \
    --no-audit --no-fund --no-progress --ignore-scripts >"$said" 2>&1; then
  why=$(grep -m 1 -E '^npm (error|ERR!) (network request|errno|code|[A-Z])' "$said" || tail -n 1 "$said")
  echo "setup: npm could not install: ${why:-it said nothing}" >&2
  exit 1
fi
done=yes
touch "$ready"
