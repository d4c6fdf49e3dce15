#!/usr/bin/env bash
# Measures every list, search and page of the published portal on a file as after years of use: `bench/grown.sh`. Needs the .NET SDK, Node 20
# or later and 12 GB of disk. Loopback only; takes about six minutes. Fails if one is slower than the limit.
# GROWN_RUNS=10000 makes the file smaller. PORTAL=folder measures a portal that is already published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh
dotnet build grown/Grown.csproj -c Release -v q -nologo -o "$out/grown" >&2
node grown.mjs "$out" "$portal"
