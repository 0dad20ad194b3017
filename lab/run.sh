#!/bin/sh
# Compiles the lab when a source is newer than what was compiled, then runs it.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
if [ ! -f "$here/dist/main.js" ] || [ -n "$(find "$here/src" "$here/tsconfig.json" -newer "$here/dist/main.js" -print | head -n 1)" ]; then
  "$here/../node_modules/.bin/tsc" -p "$here/tsconfig.json"
  touch "$here/dist/main.js"
fi
exec node "$here/dist/main.js" "$@"
