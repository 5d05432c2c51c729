#!/usr/bin/env bash
# Plants one bug after the other and sees whether the tests find it: scripts/teeth.sh [--seeds N] [NAME...]. See docs/chaos.md, "Teeth".
# --seeds: the simulator looks for each with N seeds instead; that shows what it finds and fails nothing.
# Exit code 0 all caught: without a bug the tests of scripts/teeth.tsv pass, with it its own fail. 1 one is not, 2 usage.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; }

table=$root/scripts/teeth.tsv
mapfile -t all < <(cut -f1 "$table" | awk '!seen[$0]++')
teeth=() seeds=0
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { usage >&2; exit 2; }; seeds=$2; shift 2 ;;
    -h|--help) usage; exit 0 ;;
    *) printf '%s\n' "${all[@]}" | grep -qxF -- "$1" || { printf 'no planted bug %s; there are: %s\n' "$1" "${all[*]}" >&2; exit 2; }
       teeth+=("$1"); shift ;;
  esac
done
[ ${#teeth[@]} -gt 0 ] || teeth=("${all[@]}")

need_sdk
log=$(mktemp -d)
share_compiler
trap 'end_compiler; rm -rf "$log"' EXIT
trap 'exit 130' INT TERM
workers=$(nproc)

# tests_of NAME...: the tests that must find these bugs. projects_of TEST...: the projects they are in.
tests_of() { local name; for name in "$@"; do awk -F'\t' -v name="$name" '$1 == name { print $2 }' "$table"; done; }
projects_of() { printf '%s\n' "$@" | sed -E 's/^(ClusterTransfer\.[A-Za-z]+\.Tests)\..*/\1/' | sort -u; }

# build PROJECT...: these test projects and what they test, with the planted bugs compiled in; a product of its own (Directory.Build.props).
build() {
  local filter=$root/artifacts/teeth/teeth.slnf list='' project
  mkdir -p "$(dirname "$filter")"
  for project in "$@"; do list+="\"tests/$project/$project.csproj\","; done
  printf '{"solution":{"path":"../../ClusterTransfer.sln","projects":[%s]}}\n' "${list%,}" >"$filter"
  dotnet build "$filter" -c Release -p:Teeth=true -p:RunAnalyzers=false --nologo -v quiet >"$log/build" 2>&1 || { cat "$log/build" >&2; die 'the build failed'; }
}

binary() { printf '%s' "$root/artifacts/teeth/bin/$1/Release/net10.0/$1.dll"; }

# run NAME TEST...: runs the tests with that bug ('' for none) and writes a line RESULT TEST of each case. False unless every project came to its end.
run() {
  local name=$1 project test; shift
  for project in $(projects_of "$@"); do
    local methods=() report=$log/report-$name-$project.xml
    for test in "$@"; do if [[ $test == "$project".* ]]; then methods+=(-method "$test"); fi; done
    CLUSTERTRANSFER_TOOTH=$name timeout --kill-after=10s 120 dotnet "$(binary "$project")" -noLogo -noColor -xml "$report" "${methods[@]}" >"$log/output-$name-$project" 2>&1 || true
    # A report is written at the end: a runner that died has none. Errors are those of the runner, not of tests.
    grep -q '</assemblies>' "$report" 2>/dev/null && grep -q '<assembly [^>]*errors="0"' "$report" || return 1
    grep -oE '<test [^>]*>' "$report" | awk '{ print attribute("result"), attribute("type") "." attribute("method") }
      function attribute(name,  at) { at = index($0, " " name "=\""); at = substr($0, at + length(name) + 3); return substr(at, 1, index(at, "\"") - 1) }'
  done
}

# hunt NAME: whether just the tests that name the bug fail with it. One line NAME VERDICT SECONDS.
hunt() {
  local name=$1 from=${EPOCHREALTIME/./} verdict=caught failed tests
  mapfile -t tests < <(tests_of "$name")
  if ! run "$name" "${tests[@]}" >"$log/results-$name"; then verdict=crashed
  else
    failed=$(awk '$1 == "Fail" { print $2 }' "$log/results-$name" | sort -u)
    [ "$failed" = "$(printf '%s\n' "${tests[@]}" | sort -u)" ] || verdict=missed
  fi
  printf '%s %s %d\n' "$name" "$verdict" $(((${EPOCHREALTIME/./} - from) / 100000)) >"$log/verdict-$name"
}

# simulate NAME: the first seed with which the simulator finds the bug, and what it says.
simulate() {
  local name=$1 output=$log/seeds-$1 found
  CLUSTERTRANSFER_TOOTH=$name CLUSTERTRANSFER_SEEDS=$seeds timeout --kill-after=10s 900 dotnet "$(binary ClusterTransfer.Simulation)" \
    -noLogo -noColor -method '*.Seeds_AsManyAsAskedFor_HoldEverything' >"$output" 2>&1 || true
  found=$(grep -m1 -E '^ *[0-9]+ of [0-9]+ seeds broken|seeds broken:' "$output" | grep -oE '[0-9]+ of [0-9]+' || true)
  if [ -n "$found" ]; then printf '%-28s %s seeds, the first: %s\n' "$name" "$found" "$(grep -m1 '^SEED ' "$output" | cut -c6-150)"
  elif grep -q 'Total: 1,' "$output"; then printf '%-28s not found\n' "$name"
  else printf '%-28s the simulator did not come to its end\n' "$name"; fi
}

# each FUNCTION NAME...: so many at a time as there are processors.
each() {
  local what=$1 name; shift
  for name in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$workers" ]; do wait -n || true; done
    "$what" "$name" &
  done
  wait
}

mapfile -t tests < <(tests_of "${teeth[@]}" | sort -u)
mapfile -t projects < <(projects_of "${tests[@]}")
started=$SECONDS
if [ "$seeds" -gt 0 ]; then
  build ClusterTransfer.Simulation
  workers=1   # it uses all processors itself
  each simulate "${teeth[@]}"
  exit 0
fi

build "${projects[@]}"
say "built in $((SECONDS - started)) s"
started=$SECONDS

if ! run '' "${tests[@]}" >"$log/results" || [ "$(awk '$1 == "Pass" { print $2 }' "$log/results" | sort -u)" != "$(printf '%s\n' "${tests[@]}")" ] || grep -qv '^Pass ' "$log/results"; then
  { grep -v '^Pass ' "$log/results"; grep -h -A 25 -E '\[(FAIL|ERROR)\]' "$log"/output--* | head -100; tail -qn 1 "$log"/output--*; } >&2 || true
  die 'a test fails, or does not run, without any planted bug'
fi

each hunt "${teeth[@]}"
caught=0
for name in "${teeth[@]}"; do
  read -r _ verdict tenths <"$log/verdict-$name"
  mapfile -t tests < <(tests_of "$name" | sed -E 's/.*\.([^.]+\.[^.]+)$/\1/')
  if [ "$verdict" = caught ]; then
    caught=$((caught + 1))
    for test in "${tests[@]}"; do printf '%-28s %-110s %3d.%d s\n' "$name" "$test" $((tenths / 10)) $((tenths % 10)); done
  else
    printf '%-28s NOT CAUGHT (%s) by %s\n' "$name" "$verdict" "${tests[*]}"
    cat "$log/results-$name"; tail -n 20 "$log"/output-"$name"-*
  fi
done
say "$((SECONDS - started)) s"
say "$caught of ${#teeth[@]} caught"
[ "$caught" -eq "${#teeth[@]}" ]
