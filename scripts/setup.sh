#!/bin/sh
# Makes a fresh clone ready: npm packages as the lock file says, the compiled program, the compiled lab.
# Does nothing when all of it is there and newer than its sources.
set -eu
cd "$(dirname "$0")/.."

command -v node >/dev/null 2>&1 || { echo "runner needs Node.js 20 or later (https://nodejs.org)" >&2; exit 2; }
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || {
  echo "runner needs Node.js 20 or later; this is $(node --version)" >&2
  exit 2
}

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "Installing npm packages"
  # Not `npm ci`: it refuses a lock file made where the registry has no packages for other platforms.
  npm install --no-save --ignore-scripts --no-audit --no-fund
fi

stale() { # stale MARKER SOURCE… : the marker is missing or some source is newer
  marker=$1
  shift
  [ ! -f "$marker" ] || [ -n "$(find "$@" -newer "$marker" -type f 2>/dev/null | head -n 1)" ]
}

if stale dist/.built src package.json tsconfig.json tsconfig.build.json scripts/bundle.mjs; then
  echo "Compiling"
  npx tsc -p tsconfig.build.json
  node scripts/bundle.mjs
  touch dist/.built
fi
