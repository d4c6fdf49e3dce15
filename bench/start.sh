#!/usr/bin/env bash
# Measures starts of the published portal and its first runs: `bench/start.sh`. Needs the .NET SDK and Node 20 or later. Loopback only; takes about
# three minutes. As root on Linux it also starts it with an empty page cache.
# START_ROUNDS=1 starts it less often. PORTAL=folder measures a portal that is already published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh
node start.mjs "$out" "$portal"
