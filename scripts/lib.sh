# What the scripts share. Sourced, not run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1
# A bare Debian has no libicu, and nothing here sorts or shows text by the rules of a language.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

die() { printf 'error: %s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

# need_tool COMMAND PACKAGE: a command from Debian, installed when we are root.
need_tool() { command -v "$1" >/dev/null 2>&1 || install_package "$2" "the command $1"; }

# need_library NAME.so.N PACKAGE: the same for a shared library.
need_library() {
  local cache; cache=$(/sbin/ldconfig -p 2>/dev/null || true)
  [[ $cache == *"$1"* ]] || install_package "$2" "the library $1"
}

install_package() {
  [ "$(id -u)" = 0 ] || die "$2 is missing and only root can install it. Run: sudo apt-get install $1 — then run this again."
  command -v apt-get >/dev/null 2>&1 || die "$2 is missing and there is no apt-get; install what your system calls the package $1"
  say "installing $1 (for $2)" >&2
  local log; log=$(mktemp)
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$1"; } >"$log" 2>&1 \
    || { cat "$log" >&2; rm -f "$log"; die "apt-get install $1 failed"; }
  rm -f "$log"
}

need_sdk() {
  command -v dotnet >/dev/null 2>&1 || die 'the .NET 10 SDK is missing: install it so that "dotnet --version" prints 10.0.x'
  local version; version=$(cd "$root" && dotnet --version 2>&1) || die "the .NET 10 SDK is missing: $version"
  need_library libssl.so libssl3
  need_library libsqlite3.so.0 libsqlite3-0
}

# share_compiler: one compiler serves all builds of this run, warm after the first project. Not left behind: see end_compiler.
share_compiler() { export UseSharedCompilation=true SharedCompilationId="${SharedCompilationId:-clustertransfer-$$}"; }

end_compiler() {
  local line process
  for line in /proc/[0-9]*/cmdline; do
    if { tr '\0' ' ' <"$line" | grep -q -- "-pipename:clustertransfer-$$ "; } 2>/dev/null; then
      process=${line#/proc/}
      kill "${process%/cmdline}" 2>/dev/null || true
    fi
  done
}

client_dir="$root/artifacts/ct"

# is_current FOLDER: whether ct was built there after every source was saved.
is_current() {
  [ -x "$1/ct" ] && [ -z "$(find "$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/tests/ClusterTransfer.Chaos/FaultPoints" \
    -newer "$1/ct.dll" -not -path '*/bin/*' -not -path '*/obj/*' -type f -print -quit)" ]
}

# build_client: the released form of ct in artifacts/ct, built again when a source is newer.
build_client() { publish_ct "$client_dir"; }

# build_faults: what the proving ground needs besides: ct with fail points in artifacts/faults/ct, and the preload shim.
build_faults() {
  local source=$root/tests/ClusterTransfer.Chaos/Native/faultshim.c shim=$root/artifacts/faults/faultshim.so
  need_tool gcc gcc
  [ -e /usr/include/stdio.h ] || install_package libc6-dev 'the headers of the C library'
  mkdir -p "$root/artifacts/faults"
  if [ ! "$shim" -nt "$source" ]; then
    gcc -std=gnu11 -O2 -Wall -Wextra -Werror -shared -fPIC -o "$shim.new" "$source" -ldl || die 'the preload shim could not be built'
    mv "$shim.new" "$shim"
  fi
  publish_ct "$root/artifacts/faults/ct" -p:FaultPoints=true
}

# publish_ct FOLDER [PROPERTY...]: published beside its place and then moved there, so that an interrupted build is never taken for one, and the files that a
# running ct has mapped are never written.
publish_ct() {
  local folder=$1; shift
  if is_current "$folder"; then return; fi
  say 'building ct (a minute the first time)'
  local fresh="$folder.building" log="$folder.building.log"
  rm -rf "$fresh"
  mkdir -p "$(dirname "$folder")"
  touch "$fresh.began"   # a source that is saved while the build runs is newer than this
  if ! dotnet publish "$root/src/ClusterTransfer.Cli" -c Release -o "$fresh" --nologo -v quiet "$@" >"$log" 2>&1; then
    cat "$log" >&2
    die 'the build failed'
  fi
  touch -r "$fresh.began" "$fresh/ct.dll"
  rm -rf "$folder.old"
  if [ -e "$folder" ]; then mv "$folder" "$folder.old"; fi
  mv "$fresh" "$folder"
  rm -rf "$folder.old" "$fresh.began" "$log"
}
