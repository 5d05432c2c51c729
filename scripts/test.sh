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
need_tool diff diffutils
need_tool find findutils

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
started=$SECONDS
say 'building'
dotnet build "$root/ClusterTransfer.sln" -c Release --nologo -v quiet >"$log/build" 2>&1 || { cat "$log/build" >&2; die 'the build failed'; }
if [ "$fast" = no ]; then build_client; export CT_CLIENT=$client_dir/ct; fi
say "built in $((SECONDS - started)) s"

passed=0 failed=0 skipped=0
for project in "$root"/tests/ClusterTransfer.*.Tests "$root/tests/ClusterTransfer.Chaos"; do
  name=$(basename "$project")
  filter=()
  if [ "$fast" = yes ]; then filter=(-notrait category=slow); fi
  at=$SECONDS
  dotnet "$project/bin/Release/net10.0/$name.dll" -noLogo -noColor "${filter[@]}" >"$log/$name" 2>&1
  code=$?
  # The runner's own summary: "Total: n, Errors: n, Failed: n, Skipped: n, Not Run: n, Time: ns".
  if [[ $(grep -E 'Total: [0-9]+' "$log/$name" | tail -1) =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+),\ Not\ Run:\ ([0-9]+) ]]; then
    total=${BASH_REMATCH[1]} bad=$((BASH_REMATCH[2] + BASH_REMATCH[3])) left=$((BASH_REMATCH[4]))
    good=$((total - bad - left - BASH_REMATCH[5]))
  else
    good=0 bad=1 left=0
  fi
  # A runner that ends badly without naming a failed test is a failure all the same.
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
  say "$(printf '%-40s %5d passed %3d failed %3d skipped %4d s' "$name" "$good" "$bad" "$left" $((SECONDS - at)))"
  if [ "$bad" -gt 0 ]; then
    grep -E '\[(FAIL|ERROR)\]' -A 25 "$log/$name" | head -200 || true
    grep -qE '\[(FAIL|ERROR)\]' "$log/$name" || tail -40 "$log/$name"
  fi
done

say "$((SECONDS - started)) s in all"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
