# Sourced by the measurements: publishes the portal into `$portal`, unless PORTAL names one; `$out` is a folder that goes when the script ends.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
portal=${PORTAL:-$out/portal}
[ -n "${PORTAL:-}" ] || dotnet publish ../PromptPilot.Web -c Release -v q -nologo -o "$portal" >&2
