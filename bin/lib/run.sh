#!/bin/sh
# Becomes a command of Gregor: run.sh <entry below dist/, without .js> [arguments]. A clone that was never built is built first.
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
entry=$root/dist/$1.js
shift
if ! command -v node >/dev/null; then
  echo "Node.js 20 or newer is needed, and there is no 'node' on PATH (see https://nodejs.org)." >&2
  exit 127
fi
# What npm and the compiler write last tells that neither was interrupted; an installed package has no lock file.
if [ -f "$root/package-lock.json" ] && { [ ! -f "$root/dist/.tsbuildinfo" ] || [ ! -f "$root/node_modules/.package-lock.json" ]; }
then
  node "$root/scripts/prepare.mjs" --if-missing || exit 1
fi
# The reason for the flags stands in supervisor/broker-node-flags.ts.
case $entry in */broker/main.js) exec node --initial-heap-size=128 --no-parallel-scavenge "$entry" "$@" ;; esac
exec node "$entry" "$@"
