#!/usr/bin/env bash
# Measures and prints a table in Markdown: scripts/bench.sh kernel [--runs N] [--only TEXT].
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

what=${1:-}
case $what in
  kernel) ;;
  -h|--help) sed -n '2s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) die "unknown benchmark '$what'; see scripts/bench.sh --help" ;;
esac

need_sdk
project=$root/tests/ClusterTransfer.Benchmarks
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build "$project" -c Release --nologo -v quiet >"$log" 2>&1 || { cat "$log" >&2; die 'the build failed'; }
dotnet "$project/bin/Release/net10.0/ClusterTransfer.Benchmarks.dll" "$@"
