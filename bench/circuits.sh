#!/usr/bin/env bash
# Measures open pages of the published portal: `bench/circuits.sh`. Needs the .NET SDK and Node 20 or later. Loopback only; takes about three minutes.
# CIRCUITS=20 opens fewer. PORTAL=folder measures a portal that is already published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh
dotnet build circuits/Circuits.csproj -c Release -v q -nologo -o "$out/circuits" >&2
node circuits.mjs "$out" "$portal"
