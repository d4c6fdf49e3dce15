#!/usr/bin/env bash
# Creates an archive that runs on Linux without the .NET SDK or runtime: the portal, its runtime, the service unit and the docs.
#   ./publish.sh                 for the architecture of this machine
#   ./publish.sh linux-arm64     for another one: linux-x64 or linux-arm64
# The last line is the path of the archive. Only this machine needs the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case "$(uname -m)" in aarch64 | arm64) here=linux-arm64 ;; *) here=linux-x64 ;; esac
runtime=${1:-$here}
case "$runtime" in linux-x64 | linux-arm64) ;; *) echo "Unknown architecture: $runtime. Use linux-x64 or linux-arm64." >&2; exit 2 ;; esac

# The version of the tag; between tags with the number of commits since, e.g. 1.2.0-5-gab12cd3; without tags, <Version> in
# Directory.Build.props.
version=$(git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//' || true)
version=${version:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}
name=promptpilot-$version-$runtime
out=artifacts/archive
rm -rf "${out:?}/$name" "$out/$name.tar.gz"
mkdir -p "$out"

dotnet publish PromptPilot.Web -c Release -r "$runtime" --self-contained true -p:DebugType=none -p:Version="$version" \
  -p:IncludeSourceRevisionInInformationalVersion=true -v q -nologo -o "$out/$name"
cp README.md CHANGELOG.md LICENSE deploy/promptpilot.service "$out/$name/"
cp -r docs "$out/$name/docs"
chmod +x "$out/$name/PromptPilot.Web"
ln -s PromptPilot.Web "$out/$name/promptpilot"
tar --sort=name --owner=0 --group=0 --numeric-owner -C "$out" -czf "$out/$name.tar.gz" "$name"
(cd "$out" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
rm -rf "${out:?}/$name"
ls -l "$out/$name.tar.gz" | awk '{printf "%.1f MB\n", $5 / 1000000}' >&2
echo "$out/$name.tar.gz"
