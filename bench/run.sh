#!/usr/bin/env bash
# Measures the chain of three prompts against the floor: `bench/run.sh`. Needs the .NET SDK and Node 20 or later. Loopback only; takes about four minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
dotnet build floor/Floor.csproj -c Release -v q -nologo -o "$out/floor" >&2
dotnet publish ../PromptPilot.Web -c Release -v q -nologo -o "$out/portal" >&2
node measure.mjs "$out"
