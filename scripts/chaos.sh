#!/usr/bin/env bash
# The proving ground, on your own build: scripts/chaos.sh list | run NAME [--seed S] [--count N] [--seconds N] | all [--short] [--seed S]. See docs/chaos.md.
# Exit code 0 every claim held, 1 one did not, 2 usage, 3 the run is invalid because no fault fired.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"; }

simulation="$root/tests/ClusterTransfer.Simulation/bin/Release/net10.0/ClusterTransfer.Simulation.dll"
log=$(mktemp)
share_compiler
trap 'end_compiler; rm -f "$log"' EXIT

build() { dotnet build "$root/tests/$1" -c Release --nologo -v quiet >"$log" 2>&1 || { cat "$log" >&2; die 'the build failed'; }; }

# The simulator is a test project: what it is asked for goes by the environment, its counts go to standard output.
simulate() {
  case $1 in
    seeds) CLUSTERTRANSFER_SEEDS=$2 CLUSTERTRANSFER_FIRST_SEED=$3 dotnet "$simulation" -noLogo -noColor -method '*.Seeds_AsMany*' -showLiveOutput ;;
    frames) CLUSTERTRANSFER_FRAMES=$2 dotnet "$simulation" -noLogo -noColor -method '*.Frames_Doubled*' -showLiveOutput ;;
  esac
}

case ${1:-} in
  list|all) ;;
  run)
    if [ "${2:-}" = seeds ] || [ "${2:-}" = frames ]; then
      name=$2 seed=1 count=50000
      [ "$name" = seeds ] || count=1000000
      shift 2
      while [ $# -gt 0 ]; do
        [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
        # A run of nothing would be green. What is drawn for the frames does not depend on a seed that could be given.
        if [ "$1 $2" = '--count 0' ]; then usage >&2; exit 2; fi
        case $name$1 in seeds--seed) seed=$2 ;; *--count) count=$2 ;; *) usage >&2; exit 2 ;; esac
        shift 2
      done
      need_sdk
      build ClusterTransfer.Simulation
      simulate "$name" "$count" "$seed"
      exit
    fi ;;
  -h|--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

need_sdk
build ClusterTransfer.Chaos
if [ "$1" != list ]; then
  (build_client)
  (build_faults)
fi

# A stop by the user ends the nodes too, so it is not exec'ed away from the trap.
code=0
dotnet "$root/tests/ClusterTransfer.Chaos/bin/Release/net10.0/ClusterTransfer.Chaos.dll" chaos "$@" || code=$?
case $1 in
  list)
    printf '%-16s %-16s %s\n' seeds 'P N K B R D' 'simulated transfers from submit to published, each through at least 3 faults; 50,000 unless --count, from --seed on' \
      frames 'N7 N8' 'frames doubled, reordered and late in simulated transfers, 1,000,000 unless --count: no file changes' ;;
  all)
    [ "$code" -ne 2 ] || exit 2
    build ClusterTransfer.Simulation
    seeds=50000 frames=1000000 seed=1
    while [ $# -gt 0 ]; do   # read by Chaos already: in any order, and well formed
      case $1 in --short) seeds=500 frames=20000 ;; --seed) seed=$2; shift ;; esac
      shift
    done
    simulate seeds "$seeds" "$seed" || code=1
    simulate frames "$frames" 1 || code=1 ;;
esac
exit "$code"
