#!/usr/bin/env bash
# Feeds made-up and damaged inputs to a parser: scripts/fuzz.sh TARGET|all [--count N] [--seed S] [--first I] [--coverage] [--grow].
# Targets: frame stream sealed control manifest path record journal event row hocon. Default 20,000,000 inputs of seed 1 for each.
# --coverage: with the branches of the parser that were taken; less than 90 % is a failure. Slower, and fewer inputs do: give a --count.
# --grow: lets coverage guide, and keeps in tests/ClusterTransfer.Fuzz/Corpus what reached a branch that nothing kept there reaches.
# A failure prints seed and index; '--seed S --first I --count 1' repeats it. The last line of each target has its counts.
# Exit code 0 fine, 1 a broken promise, 2 usage, 3 a hang, 4 nothing accepted or nothing rejected, 5 too little coverage.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"; }

case ${1:-} in
  -h|--help) usage; exit 0 ;;
  all|frame|stream|sealed|control|manifest|path|record|journal|event|row|hocon) target=$1; shift ;;
  *) usage >&2; exit 2 ;;
esac

arguments=() count=20000000 coverage=no grow=no
while [ $# -gt 0 ]; do
  case $1 in
    --count|--seed|--first)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
      if [ "$1" = --count ]; then count=$2; else arguments+=("$1" "$2"); fi
      shift 2 ;;
    --coverage) coverage=yes; shift ;;
    --grow) grow=yes; shift ;;
    -h|--help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

need_sdk
work=$(mktemp -d)
share_compiler
trap 'end_compiler; rm -rf "$work"' EXIT
project=$root/tests/ClusterTransfer.Fuzz
dotnet build "$project" -c Release --nologo -v quiet >"$work/build" 2>&1 || { cat "$work/build" >&2; die 'the build failed'; }

program=$project/bin/Release/net10.0/ClusterTransfer.Fuzz.dll
if [ "$coverage" = yes ] || [ "$grow" = yes ]; then
  dotnet "$program" all --instrument "$work/instrumented"
  program=$work/instrumented/ClusterTransfer.Fuzz.dll
fi
if [ "$coverage" = yes ]; then arguments+=(--coverage); fi
if [ "$grow" = yes ]; then arguments+=(--grow "$project/Corpus"); fi

# Low priority: hours of this must not be in anybody's way.
nice -n 19 dotnet "$program" "$target" --count "$count" "${arguments[@]}"
