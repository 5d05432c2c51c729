#!/usr/bin/env bash
# Feeds made-up and damaged inputs to one target: scripts/fuzz.sh TARGET [--count N] [--seed S] [--first I]. Targets: hocon. Default 5,000,000 inputs of seed 1.
# A failure prints seed and index; '--seed S --first I --count 1' repeats it. Exit code 0 fine, 1 failure, 2 usage, 3 hang.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"; }

target=${1:-}
case $target in
  hocon) shift ;;
  -h|--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

arguments=(--count 5000000)
while [ $# -gt 0 ]; do
  case $1 in
    --count|--seed|--first)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
      # The last of the same name wins.
      arguments+=("$1" "$2"); shift 2 ;;
    -h|--help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

need_sdk
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build "$root/tests/ClusterTransfer.Fuzz" -c Release --nologo -v quiet >"$log" 2>&1 || { cat "$log" >&2; die 'the build failed'; }

# Low priority: hours of this must not be in anybody's way.
exec_in=(nice -n 19 dotnet "$root/tests/ClusterTransfer.Fuzz/bin/Release/net10.0/ClusterTransfer.Fuzz.dll" "$target" "${arguments[@]}")
"${exec_in[@]}"
