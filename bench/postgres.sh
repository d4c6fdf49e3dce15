#!/usr/bin/env bash
# To be sourced: a PostgreSQL cluster of our own on loopback, by an account that is not root, which initdb refuses, in a directory that this account may enter.

as_postgres() (cd / && if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi)

find_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 | grep .; }

# start_cluster SETTINGS: with settings of the server, e.g. "-c max_connections=200". Sets postgres_home and postgres_port.
start_cluster() {
  local bin port home
  bin=$(find_postgres) || return 1
  home=$(mktemp -d /tmp/promptpilot-postgres-XXXXXX)
  if [ "$(id -u)" = 0 ]; then chown postgres "$home"; fi
  for port in $(shuf -i 20000-29999 -n 50); do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break; done
  as_postgres "$bin/initdb" -D "$home/data" -E UTF8 --locale=C.UTF-8 -A trust -U postgres || return 1
  as_postgres "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w start \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= $1" || return 1
  postgres_home=$home
  postgres_port=$port
}

stop_cluster() {
  [ -n "${postgres_home:-}" ] || return 0
  as_postgres "$(find_postgres)/pg_ctl" -D "$postgres_home/data" -m immediate stop >/dev/null 2>&1
  rm -rf "$postgres_home"
}
