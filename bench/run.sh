#!/usr/bin/env bash
# Measures the published portal against a bare loop of Semantic Kernel, without and with a journal: `bench/run.sh`. Needs the .NET SDK and Node 20 or later. Loopback only; takes about seven minutes.
# An argument is the folder of another published portal, e.g. of the commit before, which is measured in turns with this one.
# BENCH_SCALE=0.3 makes all loads shorter. PORTAL=folder measures a portal that is already published.
# Times on a shared machine are noise: read the ratios, which are medians of rounds in turns.
set -euo pipefail
before=${1:+$(realpath "$1")}
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./publish.sh
dotnet build floor/Floor.csproj -c Release -v q -nologo -o "$out/floor" >&2
node measure.mjs "$out" "$portal" ${before:+"$before"}
