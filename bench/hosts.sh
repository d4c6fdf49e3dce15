#!/usr/bin/env bash
# Measures runs on one and two hosts: `bench/hosts.sh`. One host on SQLite, one on PostgreSQL, and two on PostgreSQL with a core each. Needs the .NET SDK, Node 20 or later, and PostgreSQL's server and client; starts a cluster of its own. Takes about three minutes with the publish, less with PORTAL=folder.
# BENCH_POSTGRES="Host=…;Port=…;Username=…" uses an existing server, whose account may create databases. BENCH_SCALE=0.3 makes all loads shorter.
# Model, load, database and hosts share the machine. With fewer than four cores, the second host competes with the database: only the costs per run are of use then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh

as_postgres() (cd / && if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi)

if [ -z "${BENCH_POSTGRES:-}" ]; then
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
  home=$(mktemp -d /tmp/promptpilot-bench-XXXXXX)
  if [ "$(id -u)" = 0 ]; then chown postgres "$home"; fi
  port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  trap 'as_postgres "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$home" "$out"' EXIT
  as_postgres "$bin/initdb" -D "$home/data" -E UTF8 --locale=C.UTF-8 -A trust -U postgres >/dev/null
  # Synced to the disk, as in production.
  as_postgres "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w start -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200" >/dev/null
  export BENCH_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres"
fi
node hosts.mjs "$out" "$portal"
