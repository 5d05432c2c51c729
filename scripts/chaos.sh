#!/usr/bin/env bash
# The proving ground, on your own build: scripts/chaos.sh list | run NAME [--seed S] [--count N] [--seconds N] | all [--short] [--seed S]. See docs/chaos.md.
# Exit code 0 every claim held, 1 one did not, 2 usage, 3 the run is invalid because no fault fired.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  list|run|all) ;;
  -h|--help) sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

need_sdk
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build "$root/tests/ClusterTransfer.Chaos" -c Release --nologo -v quiet >"$log" 2>&1 || { cat "$log" >&2; die 'the build failed'; }
if [ "$1" != list ]; then
  (build_client)
  (build_faults)
fi

# A stop by the user ends the nodes too, so it is not exec'ed away from the trap.
dotnet "$root/tests/ClusterTransfer.Chaos/bin/Release/net10.0/ClusterTransfer.Chaos.dll" chaos "$@"
