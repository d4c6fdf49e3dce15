#!/usr/bin/env bash
# Measures runs on one and two hosts: `bench/hosts.sh`. One host on SQLite, one on PostgreSQL, and two on PostgreSQL with a core each. Needs the .NET SDK, Node 20 or later, and PostgreSQL's server and client; starts a cluster of its own. Takes about three minutes with the publish, less with PORTAL=folder.
# BENCH_POSTGRES="Host=…;Port=…;Username=…" uses an existing server, whose account may create databases. BENCH_SCALE=0.3 makes all loads shorter.
# Model, load, database and hosts share the machine. With fewer than four cores, the second host competes with the database: only the costs per run are of use then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh

source ./postgres.sh

if [ -z "${BENCH_POSTGRES:-}" ]; then
  trap 'stop_cluster; rm -rf "$out"' EXIT
  # Synced to the disk, as in production.
  start_cluster "-c max_connections=200" >/dev/null
  export BENCH_POSTGRES_PID=$(head -1 "$postgres_home/data/postmaster.pid")
  export BENCH_POSTGRES="Host=127.0.0.1;Port=$postgres_port;Username=postgres"
fi
node hosts.mjs "$out" "$portal"
