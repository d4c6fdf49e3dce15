#!/usr/bin/env bash
# Builds once in Release and runs all tests. Needs the .NET SDK; installs Chromium for the browser tests, and Node with npm for the servers of others, where there is none (Debian, Ubuntu; as root or with sudo).
#   ./test.sh                               all but the long ones
#   ./test.sh --soak                        the long ones too
#   ./test.sh --filter '*Feedback*'         classes whose full name matches
# Last line: "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

soak=false
filters=()
while [ $# -gt 0 ]; do
  case "$1" in
    --soak) soak=true ;;
    --filter) shift; filters+=(--filter-class "${1:?--filter takes a pattern, for example '*Feedback*'}") ;;
    *) echo "Unknown option: $1 (there are --soak and --filter PATTERN)" >&2; exit 2 ;;
  esac
  shift
done

find_chromium() {
  local candidate path
  for candidate in "${CHROMIUM_PATH:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$candidate" ] || continue
    # Ubuntu's packages are stubs that ask for a snap: only what answers counts.
    if path=$(command -v "$candidate") && "$path" --version >/dev/null 2>&1; then
      echo "$path"
      return 0
    fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "Chromium, Node and npm are needed: install them, or run this as root, or install sudo." >&2
    return 1
  fi
}

fail() {
  echo "$1" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

results=$PWD/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

dotnet build PromptPilot.Blazor.sln -c Release -v q -nologo || fail "The build failed."
tests=PromptPilot.Tests/bin/Release/net10.0

if ! chromium=$(find_chromium); then
  echo "No Chromium found: installing it."
  { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium; } >"$results/chromium-install.log" 2>&1
  if ! chromium=$(find_chromium); then
    # Where the package is only a stub, the browser that Playwright brings, with the libraries it needs.
    node=$(ls $tests/.playwright/node/linux-*/node | head -1)
    chmod +x "$node" 2>/dev/null
    as_root env PLAYWRIGHT_BROWSERS_PATH="$PWD/artifacts/browsers" "$node" "$tests/.playwright/package/cli.js" install --with-deps chromium >>"$results/chromium-install.log" 2>&1
    chromium=$(ls "$PWD"/artifacts/browsers/chromium-*/chrome-linux*/chrome 2>/dev/null | head -1)
  fi
  [ -n "$chromium" ] || { cat "$results/chromium-install.log" >&2; fail "Chromium could not be installed; the browser tests need it."; }
fi
export CHROMIUM_PATH=$chromium

# The mail server that the tests run against. Whichever Node is installed does for npm; the server itself runs in the one that Playwright brings. Where it cannot be had, its tests fail and the others still tell.
if ! { command -v node && command -v npm; } >/dev/null; then
  echo "No Node with npm found: installing it."
  { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nodejs npm; } >"$results/node-install.log" 2>&1 || cat "$results/node-install.log" >&2
fi
npm --prefix PromptPilot.Tests/Node ci --ignore-scripts >"$results/npm.log" 2>&1 || { cat "$results/npm.log"; echo "npm could not install the mail server that the mail tests need."; } >&2

# The long tests tell their figures by diagnostic messages.
arguments=(--report-trx --report-trx-filename tests.trx --results-directory "$results" --progress off "${filters[@]}")
if [ "$soak" = true ]; then
  arguments+=(--xunit-diagnostics on)
else
  arguments+=(--filter-not-trait Category=Soak)
  # Hosts that live for seconds: what the runtime counts in order to optimise them later costs more than it wins.
  export DOTNET_TieredPGO=0
fi
DOTNET_ENVIRONMENT='' ASPNETCORE_ENVIRONMENT='' "$tests/PromptPilot.Tests" "${arguments[@]}"
code=$?

counters=$(grep -o '<Counters [^>]*>' "$results/tests.trx" 2>/dev/null | head -1)
[ -n "$counters" ] || fail "The test run ended without a report (exit code $code)."
count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
passed=$(count passed)
failed=$(count failed)
skipped=$(($(count total) - passed - failed))
if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "The test run ended with exit code $code although no test failed: it did not come to its end." >&2
  failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
