#!/usr/bin/env bash
# Builds once in Release and runs the tests in three stages, which docs/testing.md describes. Needs the .NET SDK. Installs Chromium for the
# browser tests, and Node with npm for third-party servers and clients, if they are missing (Debian, Ubuntu; as root or with sudo).
#   ./test.sh                        everything but the long tests
#   ./test.sh --fast                 unit and component tests only: no Chromium, no npm
#   ./test.sh --soak                 also the long tests, and many more random cases of each property
#   ./test.sh --postgres             only the integration tests, on PostgreSQL: installs it, and starts its own cluster on loopback
#   ./test.sh --postgres-part        also a part of these, as the build server does
#   ./test.sh --filter '*Feedback*'  only classes whose full name matches
#   ./test.sh --format               also checks the formatting and builds with the analyzers, as the build server does
# Last line: "N passed, N failed, N skipped", summed over the stages. A stage that could not do its work adds one failure.
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

# The compiler and most hosts live for seconds, so profiling them for later optimization costs more than it saves: a build takes almost
# twice as long with it. W^X, which writes code through a second mapping, makes the start of a host a sixth slower.
[ "$soak" = true ] || export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0

results=$PWD/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
tests=PromptPilot.Tests/bin/Release/net10.0
passed=0 failed=0 skipped=0 failures=()

line() { printf '%-22s %5d s  %s\n' "$1" $((SECONDS - began)) "$2"; }

# fail TITLE LOG: adds a failure outside of any test, with the end of its log.
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

# stage NAME LOG COMMAND...: prints one line with its time, and adds a failure if the command fails.
stage() {
  local name=$1 log=$results/$2
  shift 2
  began=$SECONDS
  if "$@" >"$log" 2>&1; then line "$name" ok; else line "$name" FAILED; fail "The stage “$name” failed:" "$log"; return 1; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    echo "Some packages are missing, e.g. Chromium, Node or npm. Install them, run this as root, or install sudo."
    return 1
  fi
}

install_package() { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"; }

# find_chromium OTHERS: prefers the headless shell, which takes half the time because it draws no browser window; else one of the others.
find_chromium() {
  local candidate path
  for candidate in "${CHROMIUM_PATH:-}" chromium-headless-shell $1; do
    [ -n "$candidate" ] || continue
    # Ubuntu's packages are stubs that ask for a snap: accept only one that runs.
    if path=$(command -v "$candidate") && "$path" --version >/dev/null 2>&1; then
      echo "$path"
      return 0
    fi
  done
  # Playwright's own browser, from an earlier run.
  ls "$PWD"/artifacts/browsers/chromium-*/chrome-linux*/chrome 2>/dev/null | head -1 | grep .
}

full_browsers="chromium chromium-browser google-chrome google-chrome-stable"

install_chromium() {
  find_chromium "" || install_package chromium-headless-shell
  find_chromium "$full_browsers" && return
  install_package chromium
  find_chromium "$full_browsers" && return
  # If the package is only a stub: Playwright's own browser, with the libraries it needs.
  local node
  node=$(ls $tests/.playwright/node/linux-*/node | head -1)
  chmod +x "$node"
  as_root env PLAYWRIGHT_BROWSERS_PATH="$PWD/artifacts/browsers" "$node" "$tests/.playwright/package/cli.js" install --with-deps chromium
  find_chromium "$full_browsers"
}

find_nginx() { command -v nginx || [ -x /usr/sbin/nginx ]; }

install_nginx() { find_nginx || install_package nginx-light; }

# The mail server of the mail tests and the clients of the API tests. Any Node can run npm; the tests run them in Playwright's.
install_mail_server() {
  command -v node >/dev/null && command -v npm >/dev/null || install_package nodejs npm
  # The MCP inspector, a hundred packages, is a development dependency: only a long test runs it.
  local without=(--omit=dev)
  if [ "$soak" = true ]; then without=(); fi
  npm --prefix PromptPilot.Tests/Node ci --ignore-scripts "${without[@]}"
}

# Installs everything that is missing while the build runs. If a package has another name here, the stage that needs it tries again.
install_all() {
  local missing=()
  if [[ " ${runs[*]} " == *" browser "* ]]; then
    find_chromium "" || missing+=(chromium-headless-shell)
    [ "$soak" = false ] || find_nginx || missing+=(nginx-light)
    [ "$soak" = false ] || ls /usr/lib/*/faketime/libfaketime.so.1 || missing+=(faketime)
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

# Without syncing to disk, since no test cuts the power.
start_postgres() {
  find_postgres || install_package postgresql
  # The service is not used: each test that needs Redis starts its own.
  command -v redis-server || install_package redis-server
  start_cluster "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=400" || return 1
  postgres_connection="Host=127.0.0.1;Port=$postgres_port;Database=postgres;Username=postgres;Maximum Pool Size=20"
}

check_format() { dotnet tool restore && dotnet csharpier check .; }

# One compiler server for all projects takes a quarter less time, since it is warm from the second on. It is stopped here, since nothing
# else needs it. Analyzers take a third of a build and affect no test: editors, `dotnet build` and the build server run them.
build() {
  local code=0 settings=(-p:UseSharedCompilation=true "-p:RunAnalyzers=$format")
  DOTNET_TieredPGO=0 dotnet build PromptPilot.Blazor.sln -c Release -v q -nologo "${settings[@]}" || code=$?
  dotnet build-server shutdown --vbcscompiler
  return $code
}

# For the tests that start the portal as a process, once for all stages.
publish() {
  rm -rf artifacts/published
  dotnet publish PromptPilot.Web -c Release --no-build -v q -nologo -o artifacts/published && export PROMPTPILOT_TEST_PUBLISHED=$PWD/artifacts/published
}

# With --filter, only the stages that have a matching class.
keep_stages_of_filter() {
  local name namespaces kept=()
  "$tests/PromptPilot.Tests" --list-tests --no-ansi "${filters[@]}" >"$results/list.log" 2>&1
  for name in "${runs[@]}"; do
    case "$name" in
      "unit and components") namespaces='Unit|Components' ;;
      browser) namespaces=InBrowser ;;
      *) namespaces=Integration ;;
    esac
    if grep -qE "PromptPilot\.Tests\.($namespaces)\." "$results/list.log"; then kept+=("$name"); fi
  done
  runs=("${kept[@]}")
}

# execute NAME: runs the test project once, with the namespaces of this stage. Leaves a log, a report, its exit code and its times.
execute() {
  local name=$1 file=${1// /-} arguments
  case "$name" in
    "unit and components") arguments=(--filter-namespace 'PromptPilot.Tests.Unit*' --filter-namespace 'PromptPilot.Tests.Components*') ;;
    integration) arguments=(--filter-namespace 'PromptPilot.Tests.Integration*' --filter-not-trait Database=PostgreSQL) ;;
    browser) arguments=(--filter-namespace 'PromptPilot.Tests.InBrowser*') ;;
    # Without the tests about the SQLite file.
    PostgreSQL) arguments=(--filter-namespace 'PromptPilot.Tests.Integration*' --filter-not-trait Database=SQLite) ;;
    # Where the databases differ most.
    "PostgreSQL part")
      arguments=(--filter-namespace 'PromptPilot.Tests.Integration*' --filter-not-trait Database=SQLite)
      for class in Postgres RunJournal Rollup Lease EngineTests RunBudgets Shared Signal TwoHosts HostTests; do
        arguments+=(--filter-class "*.$class*")
      done
      ;;
    # Part of the above, but it mostly waits for leases.
    "PostgreSQL kills") arguments=(--filter-class 'PromptPilot.Tests.Integration.Cluster.ClusterKill*') ;;
  esac
  arguments+=(--report-trx --report-trx-filename "$file.trx" --results-directory "$results" --progress off --no-ansi "${filters[@]}")
  # Chromium draws on threads of its own: a third concurrent test only slows down the other two.
  if [ "$name" = browser ]; then arguments+=(--max-threads 2); fi
  # These wait for leases, restarts and schedules.
  if [ "$name" = "PostgreSQL part" ]; then arguments+=(--max-threads 5); fi
  if [ "$name" = integration ]; then arguments+=(--max-threads 4); fi

  # The long tests report their figures as diagnostic messages. Without --soak, a stage that hangs is ended.
  local limit=()
  if [ "$soak" = true ]; then arguments+=(--xunit-diagnostics on); else arguments+=(--filter-not-trait Category=Soak) limit=(timeout --kill-after=10 15m); fi
  # Each host compiles its own routes and services, which run only a few times: optimizing such code at once costs a fifth of the stage.
  local settings=(); [ "$name" = "unit and components" ] || [ "$soak" = true ] || settings=(DOTNET_TC_CallCountingDelayMs=2000)
  case "$name" in PostgreSQL*) settings+=("PROMPTPILOT_TEST_POSTGRES=$postgres_connection") ;; esac
  local TIMEFORMAT='CPU %0U + %0S s'
  { time env "${settings[@]}" "${limit[@]}" "$tests/PromptPilot.Tests" "${arguments[@]}" >"$results/$file.log" 2>&1; } 2>"$results/$file.cpu"
  echo $? >"$results/$file.code"
}

# report NAME: prints and adds up the result of a stage that began at $began.
report() {
  local name=$1 file=${1// /-} counters total code
  code=$(cat "$results/$file.code")
  counters=$(grep -o '<Counters [^>]*>' "$results/$file.trx" 2>/dev/null | head -1)
  count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  if [ -z "$counters" ]; then
    line "$name" "FAILED without a report"
    fail "The stage “$name” exited with code $code and left no report:" "$results/$file.log"
    return
  fi

  total=$(count total)
  local good=$(count passed) bad=$(count failed)
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - good - bad))
  line "$name" "$good passed, $bad failed, $((total - good - bad)) skipped ($(tail -1 "$results/$file.cpu"))"
  if [ "$bad" -gt 0 ]; then
    failures+=("$(awk '/^failed /{shown=1} /^[^ \t]/ && !/^failed /{shown=0} shown' "$results/$file.log")")
  elif [ "$code" -ne 0 ] && ! { [ "$code" -eq 8 ] && [ ${#filters[@]} -gt 0 ]; }; then
    # 8 means that no test ran, as expected in a stage that has none for the filter.
    fail "The stage “$name” exited with code $code although no test failed:" "$results/$file.log"
  fi
}

[ "$format" = true ] && stage "format" format.log check_format
installed=false
if [[ "${runs[*]}" != "unit and components" ]]; then install_all >"$results/install.log" 2>&1 & fi
stage "build" build.log build || { wait; finish; }
if [ ${#filters[@]} -gt 0 ]; then keep_stages_of_filter; fi
[ ${#runs[@]} -eq 0 ] || [[ "${runs[*]}" == "unit and components" ]] || stage "publish" publish.log publish
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
  fail "No tests ran. Check that a class matches the filter." /dev/null
fi

finish
