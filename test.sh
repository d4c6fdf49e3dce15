#!/usr/bin/env bash
# Builds once in Release and runs the tests in three runs; docs/testing.md says what is in which. Needs the .NET SDK; installs Chromium for
# the browser tests, and Node with npm for the mail server of the mail tests, where there is none (Debian, Ubuntu; as root or with sudo).
#   ./test.sh                        all but the long tests
#   ./test.sh --fast                 units and components only: no Chromium, no npm
#   ./test.sh --soak                 the long tests too, and many more cases of each property
#   ./test.sh --postgres             only the integration tests, on PostgreSQL: installs it, and starts a cluster of its own on loopback
#   ./test.sh --postgres-part        a part of these too, as the build server does
#   ./test.sh --filter '*Feedback*'  only classes whose full name matches
#   ./test.sh --format               checks the formatting and the rules of the code too, as the build server does
# Last line: "N passed, N failed, N skipped", summed over the runs. A stage that could not do its work counts as one failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

runs=("unit and components" "integration" "browser")
soak=false
format=false
filters=()
while [ $# -gt 0 ]; do
  case "$1" in
    --fast) runs=("unit and components") ;;
    --soak) soak=true ;;
    --format) format=true ;;
    --postgres) runs=("PostgreSQL") ;;
    --postgres-part) runs+=("PostgreSQL part") ;;
    --filter) shift; filters+=(--filter-class "${1:?--filter needs a pattern, for example '*Feedback*'}") ;;
    *) echo "Unknown option: $1. The options are --fast, --soak, --format, --postgres, --postgres-part and --filter PATTERN." >&2; exit 2 ;;
  esac
  shift
done

# The compiler and hosts that live for seconds: what the runtime counts in order to optimize them later costs more than it wins. A build
# takes almost twice as long with it. Code that is written through a second mapping makes the start of a host a sixth slower.
[ "$soak" = true ] || export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0

results=$PWD/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
tests=PromptPilot.Tests/bin/Release/net10.0
passed=0 failed=0 skipped=0 failures=()

line() { printf '%-22s %5d s  %s\n' "$1" $((SECONDS - began)) "$2"; }

# A failure that is no test's: what it is, and the log that says more.
fail() {
  failed=$((failed + 1))
  failures+=("$1"$'\n'"$(tail -n 40 "$2" 2>/dev/null)")
}

finish() {
  for failure in "${failures[@]}"; do printf '\n%s\n' "$failure"; done
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

# stage NAME LOG COMMAND...: one line with its time; a failure where the command fails.
stage() {
  local name=$1 log=$results/$2
  shift 2
  began=$SECONDS
  if "$@" >"$log" 2>&1; then line "$name" ok; else line "$name" FAILED; fail "The stage “$name” failed:" "$log"; return 1; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    echo "Chromium, Node and npm are needed: install them, run this as root, or install sudo."
    return 1
  fi
}

install_package() { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"; }

# find_chromium OTHERS: the headless shell, which draws no browser around its pages and so needs half the time; or one of the others.
find_chromium() {
  local candidate path
  for candidate in "${CHROMIUM_PATH:-}" chromium-headless-shell $1; do
    [ -n "$candidate" ] || continue
    # Ubuntu's packages are stubs that ask for a snap: only one that answers will do.
    if path=$(command -v "$candidate") && "$path" --version >/dev/null 2>&1; then
      echo "$path"
      return 0
    fi
  done
  # The browser that Playwright brings, from an earlier run.
  ls "$PWD"/artifacts/browsers/chromium-*/chrome-linux*/chrome 2>/dev/null | head -1 | grep .
}

full_browsers="chromium chromium-browser google-chrome google-chrome-stable"

install_chromium() {
  find_chromium "" || install_package chromium-headless-shell
  find_chromium "$full_browsers" && return
  install_package chromium
  find_chromium "$full_browsers" && return
  # Where the package is only a stub: the browser that Playwright brings, with the libraries it needs.
  local node
  node=$(ls $tests/.playwright/node/linux-*/node | head -1)
  chmod +x "$node"
  as_root env PLAYWRIGHT_BROWSERS_PATH="$PWD/artifacts/browsers" "$node" "$tests/.playwright/package/cli.js" install --with-deps chromium
  find_chromium "$full_browsers"
}

find_nginx() { command -v nginx || [ -x /usr/sbin/nginx ]; }

install_nginx() { find_nginx || install_package nginx-light; }

# The mail server of the mail tests and the clients of the API tests. Any Node does for npm; they run in the one that Playwright brings.
install_mail_server() {
  command -v node >/dev/null && command -v npm >/dev/null || install_package nodejs npm
  # The inspector of MCP, a hundred packages, is a development dependency: only a long test runs it.
  local without=(--omit=dev)
  if [ "$soak" = true ]; then without=(); fi
  npm --prefix PromptPilot.Tests/Node ci --ignore-scripts "${without[@]}"
}

# All that is missing, while the build runs. Where a package has another name here, the stage that needs it looks for it again.
install_all() {
  local missing=()
  if [[ " ${runs[*]} " == *" browser "* ]]; then
    find_chromium "" || missing+=(chromium-headless-shell)
    [ "$soak" = false ] || find_nginx || missing+=(nginx-light)
  fi
  command -v node && command -v npm || missing+=(nodejs npm)
  if [[ "${runs[*]}" == *PostgreSQL* ]]; then
    find_postgres || missing+=(postgresql)
    command -v redis-server || missing+=(redis-server)
  fi
  [ ${#missing[@]} -eq 0 ] || install_package "${missing[@]}"
  install_mail_server
}

source bench/postgres.sh

# Nothing is synced to the disk: no test cuts the power.
start_postgres() {
  find_postgres || install_package postgresql
  # Stays stopped: each test that needs it starts its own.
  command -v redis-server || install_package redis-server
  start_cluster "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=400" || return 1
  postgres_connection="Host=127.0.0.1;Port=$postgres_port;Database=postgres;Username=postgres;Maximum Pool Size=20"
}

check_format() { dotnet tool restore && dotnet csharpier check .; }

# One compiler for all projects, which is warm from the second on: a quarter less time. It ends here, since nothing else needs it. The
# analyzers take a third of a build, and say nothing that a test would: editors and `dotnet build` run them, and the build server does.
build() {
  local code=0 settings=(-p:UseSharedCompilation=true "-p:RunAnalyzers=$format")
  DOTNET_TieredPGO=0 dotnet build PromptPilot.Blazor.sln -c Release -v q -nologo "${settings[@]}" || code=$?
  dotnet build-server shutdown --vbcscompiler
  return $code
}

# For the tests that start the portal as a process, once for all runs.
publish() {
  rm -rf artifacts/published
  dotnet publish PromptPilot.Web -c Release --no-build -v q -nologo -o artifacts/published && export PROMPTPILOT_TEST_PUBLISHED=$PWD/artifacts/published
}

# execute NAME: one process of the test project, with the namespaces of this run. Leaves a log, a report, its exit code and its times.
execute() {
  local name=$1 file=${1// /-} arguments
  case "$name" in
    "unit and components") arguments=(--filter-namespace 'PromptPilot.Tests.Unit*' --filter-namespace 'PromptPilot.Tests.Components*') ;;
    integration) arguments=(--filter-namespace 'PromptPilot.Tests.Integration*' --filter-not-trait Database=PostgreSQL) ;;
    browser) arguments=(--filter-namespace 'PromptPilot.Tests.InBrowser*') ;;
    # Without the tests of SQLite's file.
    PostgreSQL) arguments=(--filter-namespace 'PromptPilot.Tests.Integration*' --filter-not-trait Database=SQLite) ;;
    # Where the databases differ most.
    "PostgreSQL part")
      arguments=(--filter-namespace 'PromptPilot.Tests.Integration*' --filter-not-trait Database=SQLite)
      for class in Postgres RunJournal Rollup Lease EngineTests RunBudgets Shared Signal TwoHosts HostTests; do
        arguments+=(--filter-class "*.$class*")
      done
      ;;
    # Of that part too, but it mostly waits for leases.
    "PostgreSQL kills") arguments=(--filter-class 'PromptPilot.Tests.Integration.Cluster.ClusterKill*') ;;
  esac
  arguments+=(--report-trx --report-trx-filename "$file.trx" --results-directory "$results" --progress off --no-ansi "${filters[@]}")
  # Chromium draws with threads of its own: a third test at once only makes the other two late.
  if [ "$name" = browser ]; then arguments+=(--max-threads 2); fi
  # These wait for leases, restarts and schedules.
  if [ "$name" = "PostgreSQL part" ]; then arguments+=(--max-threads 5); fi
  if [ "$name" = integration ]; then arguments+=(--max-threads 4); fi

  # The long tests tell their figures by diagnostic messages. The others end a run that hangs.
  local limit=()
  if [ "$soak" = true ]; then arguments+=(--xunit-diagnostics on); else arguments+=(--filter-not-trait Category=Soak) limit=(timeout --kill-after=10 15m); fi
  # Each host compiles routes and services of its own, which run a few times: optimizing such code at once costs a fifth of the run.
  local settings=(); [ "$name" = "unit and components" ] || [ "$soak" = true ] || settings=(DOTNET_TC_CallCountingDelayMs=2000)
  case "$name" in PostgreSQL*) settings+=("PROMPTPILOT_TEST_POSTGRES=$postgres_connection") ;; esac
  local TIMEFORMAT='CPU %0U + %0S s'
  { time env "${settings[@]}" "${limit[@]}" "$tests/PromptPilot.Tests" "${arguments[@]}" >"$results/$file.log" 2>&1; } 2>"$results/$file.cpu"
  echo $? >"$results/$file.code"
}

# report NAME: what a run that began at $began has shown.
report() {
  local name=$1 file=${1// /-} counters total code
  code=$(cat "$results/$file.code")
  counters=$(grep -o '<Counters [^>]*>' "$results/$file.trx" 2>/dev/null | head -1)
  count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  if [ -z "$counters" ]; then
    line "$name" "FAILED: it broke off"
    fail "The run “$name” ended with exit code $code and without a report:" "$results/$file.log"
    return
  fi

  total=$(count total)
  local good=$(count passed) bad=$(count failed)
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - good - bad))
  line "$name" "$good passed, $bad failed, $((total - good - bad)) skipped ($(tail -1 "$results/$file.cpu"))"
  if [ "$bad" -gt 0 ]; then
    failures+=("$(awk '/^failed /{shown=1} /^[^ \t]/ && !/^failed /{shown=0} shown' "$results/$file.log")")
  elif [ "$code" -ne 0 ] && ! { [ "$code" -eq 8 ] && [ ${#filters[@]} -gt 0 ]; }; then
    # 8 says that there was no test to run, which a filter may well mean for one of the runs.
    fail "The run “$name” ended with exit code $code although no test failed:" "$results/$file.log"
  fi
}

[ "$format" = true ] && stage "format" format.log check_format
installed=false
if [[ "${runs[*]}" != "unit and components" ]]; then install_all >"$results/install.log" 2>&1 & fi
stage "build" build.log build || { wait; finish; }
[[ "${runs[*]}" == "unit and components" ]] || stage "publish" publish.log publish
began=$SECONDS
if wait -n; then installed=true; line "packages, npm" "ok, beside the build"; fi
if [[ " ${runs[*]} " == *" browser "* ]]; then
  stage "Chromium" chromium.log install_chromium && CHROMIUM_PATH=$(find_chromium "$full_browsers") && export CHROMIUM_PATH
  [ "$soak" = false ] || stage "nginx" nginx.log install_nginx
fi
if [ $installed = false ] && [[ "${runs[*]}" != "unit and components" ]]; then stage "mail server (npm)" npm.log install_mail_server; fi

if [ "$soak" = true ]; then export PROMPTPILOT_SOAK=true CsCheck_Iter=1000; fi
export DOTNET_ENVIRONMENT='' ASPNETCORE_ENVIRONMENT=''
trap stop_cluster EXIT
if [[ "${runs[*]}" == *PostgreSQL* ]]; then stage "start PostgreSQL" postgres.log start_postgres || runs=("${runs[@]/PostgreSQL*/}"); fi
beside=""
if [[ " ${runs[*]} " == *" PostgreSQL part "* ]]; then
  kills_began=$SECONDS
  execute "PostgreSQL kills" &
  beside=$!
fi
for name in "${runs[@]}"; do
  if [ -z "$name" ]; then continue; fi
  began=$SECONDS
  execute "$name"
  report "$name"
  if [ -n "$beside" ] && { [ "$name" = integration ] || [ "$name" = "PostgreSQL part" ]; }; then
    wait "$beside"
    began=$kills_began beside=""
    report "PostgreSQL kills"
  fi
done
if [ $((passed + failed)) -eq 0 ]; then
  fail "No test was run: does a class match the filter?" /dev/null
fi

finish
