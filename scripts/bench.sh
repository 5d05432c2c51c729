#!/usr/bin/env bash
# Measures and prints a table in Markdown: scripts/bench.sh kernel [--runs N] [--only TEXT] | micro [--only TEXT] | record-layer [--runs N] [--bytes N] [--only TEXT] | startup [RUNS] | transfer [--help].
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# median_ms RUNS COMMAND...: wall time of a command that must succeed, in milliseconds: "median least most".
median_ms() {
  local runs=$1 began ended times=(); shift
  for _ in $(seq "$runs"); do
    began=${EPOCHREALTIME/[.,]/}
    "$@" >/dev/null || die "$* failed"
    ended=${EPOCHREALTIME/[.,]/}
    times+=($(((ended - began) / 1000)))
  done
  mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
  echo "${times[$((runs / 2))]} ${times[0]} ${times[$((runs - 1))]}"
}

# How long a client command takes from the shell's point of view, against the nodes of the quickstart.
# shellcheck disable=SC2016  # the backticks are Markdown
startup() {
  local runs=${1:-21} report row
  [[ $runs =~ ^[1-9][0-9]*$ ]] || die "'$runs' is not a number of runs"
  need_sdk
  build_client
  if ! "$root/scripts/ct" version >/dev/null 2>&1; then
    trap 'QUICKSTART_STOP=1 "$root/scripts/quickstart.sh" >/dev/null' EXIT
    "$root/scripts/quickstart.sh" "$root/hocon" --keep >&2
  fi
  # shellcheck disable=SC1091
  source "$root/.quickstart/client.env"
  mkdir -p "$root/docs/benchmarks"
  report=$root/docs/benchmarks/startup-$(date +%F).md
  {
    printf '# Start-up of client commands, %s\n\n' "$(date +%F)"
    printf '`scripts/bench.sh startup %s` at commit %s: wall time from the shell, in ms, %s runs each after one that is not counted.\n' \
      "$runs" "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" "$runs"
    printf 'Machine: %s processors, load %s when it began. **A shared, noisy machine: these numbers are an order of magnitude, not a claim.**\n\n' "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
    printf '| Command | Median | Least | Most |\n|---|---:|---:|---:|\n'
    for row in --help version ls 'nodes ls'; do
      local words; read -ra words <<<"$row"
      median_ms 1 "$client_dir/ct" "${words[@]}" >/dev/null
      local result; result=$(median_ms "$runs" "$client_dir/ct" "${words[@]}")
      local median least most; read -r median least most <<<"$result"
      printf '| `ct %s` | %s | %s | %s |\n' "$row" "$median" "$least" "$most"
    done
    printf '\nWhat keeps it quick is tested without a clock: `StartupTests` in tests/ClusterTransfer.Chaos, client commands load nothing of the node.\n'
  } >"$report.new"
  mv "$report.new" "$report"
  cat "$report"
  say "written to ${report#"$root"/}" >&2
}

what=${1:-}
case $what in
  kernel|micro|record-layer|transfer) ;;
  startup) shift; startup "$@"; exit ;;
  -h|--help) sed -n '2s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) die "unknown benchmark '$what'; see scripts/bench.sh --help" ;;
esac

need_sdk
project=$root/tests/ClusterTransfer.Benchmarks
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build "$project" -c Release --nologo -v quiet >"$log" 2>&1 || { cat "$log" >&2; die 'the build failed'; }
if [ "$what" = transfer ]; then
  build_client >&2
  rm -f "$log"
  shift
  # Signals go to the program itself: it stops what it started.
  CT_CLIENT=$client_dir/ct exec dotnet "$project/bin/Release/net10.0/ClusterTransfer.Benchmarks.dll" transfer "$@"
fi
dotnet "$project/bin/Release/net10.0/ClusterTransfer.Benchmarks.dll" "$@"
