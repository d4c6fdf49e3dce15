#!/usr/bin/env bash
# Measures what things cost against their size, on the published portal: `bench/growth.sh`. Needs the .NET SDK and Node 20 or later. Loopback
# only; takes about fifteen minutes.
# GROWTH_MOST=1000 ends at smaller sizes; GROWTH_ONLY=items,queue measures some of: items steps output prompts versions workflows users schedules queue.
# PORTAL=folder measures a portal that is already published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh
node growth.mjs "$out" "$portal"
