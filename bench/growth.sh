#!/usr/bin/env bash
# Measures what a run costs against its size, on the published portal: `bench/growth.sh`. Needs the .NET SDK and Node 20 or later. Loopback only;
# takes about three minutes.
# GROWTH_MOST=1000 ends at a smaller list.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
dotnet publish ../PromptPilot.Web -c Release -v q -nologo -o "$out/portal" >&2
node growth.mjs "$out"
