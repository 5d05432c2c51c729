#!/usr/bin/env bash
# Builds everything and runs all tests: scripts/test.sh [--fast]. --fast leaves out those marked slow (real processes, large data).
set -uo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

fast=no
for arg in "$@"; do
  case $arg in
    --fast) fast=yes ;;
    -h|--help) sed -n '2s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) die "unknown option $arg; see scripts/test.sh --help" ;;
  esac
done

need_sdk
need_tool strace strace
need_tool zsh zsh     # the completion scripts are tested in their own shells
need_tool fish fish
need_tool diff diffutils
need_tool find findutils

log=$(mktemp -d)
share_compiler
trap 'end_compiler; rm -rf "$log"' EXIT
trap 'exit 130' INT TERM
started=$SECONDS passed=0 failed=0 skipped=0

# The last line, whatever happened before: scripts read it.
finish() {
  say "$((SECONDS - started)) s in all"
  say "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

say 'building'
if ! dotnet build "$root/ClusterTransfer.sln" -c Release --nologo -v quiet >"$log/build" 2>&1; then
  { grep -E 'error|warning' "$log/build" | sort -u | head -40; [ "${PIPESTATUS[0]}" -eq 0 ] || tail -40 "$log/build"; } >&2
  say 'the build failed'
  failed=1
  finish
fi
if [ "$fast" = no ]; then (build_client && build_faults) || { failed=1; finish; }; export CT_CLIENT=$client_dir/ct; fi
say "built in $((SECONDS - started)) s"

# The rule by which tests/Directory.Build.props makes a project one of tests. In Chaos all are slow.
shopt -s nullglob
projects=("$root"/tests/*.Tests/*.Tests.csproj "$root"/tests/ClusterTransfer.{Simulation,Chaos}/*.csproj)
for file in "${projects[@]}"; do
  project=$(dirname "$file") name=$(basename "$file" .csproj)
  filter=()
  if [ "$fast" = yes ]; then
    if [ "$name" = ClusterTransfer.Chaos ]; then continue; fi
    filter=(-notrait category=slow)
  fi
  at=$SECONDS
  # A project that hangs is a failed one; none takes nearly this long.
  timeout --kill-after=30s 40m dotnet "$project/bin/Release/net10.0/$name.dll" -noLogo -noColor "${filter[@]}" >"$log/$name" 2>&1
  code=$?
  # The runner's own summary: "Total: n, Errors: n, Failed: n, Skipped: n, Not Run: n, Time: ns".
  good=0 bad=0 left=0
  if [[ $(grep -E 'Total: [0-9]+' "$log/$name" | tail -1) =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+),\ Not\ Run:\ ([0-9]+) ]]; then
    bad=$((BASH_REMATCH[2] + BASH_REMATCH[3])) left=$((BASH_REMATCH[4]))
    good=$((BASH_REMATCH[1] - bad - left - BASH_REMATCH[5]))
  fi
  # A crash has no summary, or a bad exit code without a failed test; a project in which nothing ran proves nothing.
  note=''
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1 note="  ended with exit code $code"
  elif [ $((good + bad)) -eq 0 ]; then bad=1 note='  ran no test'; fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
  say "$(printf '%-40s %5d passed %3d failed %3d skipped %4d s%s' "$name" "$good" "$bad" "$left" $((SECONDS - at)) "$note")"
  if [ "$bad" -gt 0 ]; then
    if grep -qE '\[(FAIL|ERROR)\]' "$log/$name"; then grep -E '\[(FAIL|ERROR)\]' -A 25 "$log/$name" | head -200; else tail -40 "$log/$name"; fi
  fi
done
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then say 'no test project was found'; failed=1; fi

# A planted bug that the tests find is a passed test, one that they do not find a failed one.
if [ "$fast" = no ]; then
  at=$SECONDS good=0 bad=1
  "$root/scripts/teeth.sh" >"$log/teeth" 2>&1
  if [[ $(tail -1 "$log/teeth") =~ ^([0-9]+)\ of\ ([0-9]+)\ caught$ ]]; then good=${BASH_REMATCH[1]} bad=$((BASH_REMATCH[2] - BASH_REMATCH[1])); fi
  passed=$((passed + good)) failed=$((failed + bad))
  say "$(printf '%-40s %5d passed %3d failed %3d skipped %4d s' 'planted bugs (scripts/teeth.sh)' "$good" "$bad" 0 $((SECONDS - at)))"
  if [ "$bad" -gt 0 ]; then grep -A 200 -m1 -E 'NOT CAUGHT|error' "$log/teeth" || tail -40 "$log/teeth"; fi
fi
finish
