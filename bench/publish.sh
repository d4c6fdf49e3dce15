# Sourced by the measurements: publishes the portal into `$portal`, unless PORTAL names one. `$out` is a folder that is deleted when the
# script exits.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
portal=${PORTAL:-$out/portal}
[ -n "${PORTAL:-}" ] || dotnet publish ../PromptPilot.Web -c Release -v q -nologo -o "$portal" >&2
# BENCH_SMOKE=1 does everything once at the smallest size, to show that a measurement completes. Its figures mean nothing.
if [ -n "${BENCH_SMOKE:-}" ]; then
  export BENCH_SCALE=0.05 BENCH_ROUNDS=1 START_ROUNDS=1 START_RUNS=100 START_IDLE_MS=100 CIRCUITS=10 GROWTH_MOST=100 GROWN_RUNS=1000 GROWN_LIMIT_MS=60000
fi
