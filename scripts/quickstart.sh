#!/usr/bin/env bash
# Moves a real folder between two nodes on this machine and proves that it arrived: scripts/quickstart.sh [PATH] [--keep]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
q=$root/.quickstart

# A node of an earlier run that was kept is stopped by the id it left.
stop_nodes() {
  local file pid
  for file in "$q"/*/pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    if [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$q"; then
      kill "$pid" 2>/dev/null || true
      for _ in $(seq 300); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
      if kill -0 "$pid" 2>/dev/null; then kill -9 "$pid" 2>/dev/null || true; fi
    fi
    rm -f "$file"
  done
}
if [ "${QUICKSTART_STOP:-}" = 1 ]; then stop_nodes; say 'the nodes are stopped'; exit 0; fi

path='' keep=no
for arg in "$@"; do
  case $arg in
    --keep) keep=yes ;;
    -h|--help) sed -n '2s/^# //p' "${BASH_SOURCE[0]}"; say 'PATH is the file or folder to copy (default: the installed .NET SDKs); --keep leaves the nodes running.'; exit 0 ;;
    -*) die "unknown option $arg; see scripts/quickstart.sh --help" ;;
    *) [ -z "$path" ] || die "one PATH only; got '$path' and '$arg'"; path=$arg ;;
  esac
done

need_tool diff diffutils
need_tool find findutils
need_sdk
if [ -z "$path" ]; then path=$(dotnet --list-sdks | sed -n '$s/.*\[\(.*\)\]/\1/p'); fi
[ -e "$path" ] || [ -L "$path" ] || die "there is no '$path'"
parent=$(cd -- "$(dirname -- "$path")" && pwd -P)
name=$(basename -- "$path")
if [ "$name" = / ] || [ "$name" = . ] || [ "$name" = .. ]; then die "'$path' has no name of its own; name a file or folder"; fi
source_item=${parent%/}/$name
# The folder below is emptied by each run, and a copy must not contain itself.
case $source_item/ in "$q"/*) die "'$path' lies in $q, which each run deletes; name something else" ;; esac
if [ ! -L "$source_item" ]; then case $q/ in "$source_item"/*) die "'$path' contains $q, where the copy goes; name something else" ;; esac; fi

stop_nodes
share_compiler
trap end_compiler EXIT
build_client
end_compiler
trap - EXIT
ct=$client_dir/ct
# Copied folders may be read-only, which keeps all but root from emptying them. A link is not followed.
if [ -d "$q" ] && [ ! -L "$q" ]; then chmod -R u+rwx "$q" 2>/dev/null || true; fi
rm -rf "$q" 2>/dev/null || die "$q cannot be deleted; did another user make it?"
mkdir -p "$q/alpha" "$q/beta/data"

up=no interrupted=no
leave() {
  local code=$?
  if [ "$keep" = no ] || [ "$up" = no ] || [ "$interrupted" = yes ]; then stop_nodes
  elif [ "$code" -ne 0 ]; then say 'the nodes still run; stop them with: QUICKSTART_STOP=1 scripts/quickstart.sh' >&2; fi
}
trap leave EXIT
trap 'interrupted=yes; exit 130' INT TERM HUP

free_port() { # the first free port from $1 on
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}
alpha_api=$(free_port 7400); alpha_hub=$(free_port $((alpha_api + 1))); alpha_data=$(free_port $((alpha_hub + 1)))
beta_api=$(free_port $((alpha_data + 1))); beta_data=$(free_port $((beta_api + 1)))

"$ct" pki init --out "$q/pki" --name quickstart >/dev/null 2>&1 || die 'the certificate authority could not be made'
"$ct" pki issue alpha --authority "$q/pki" --out "$q/alpha" --host 127.0.0.1 >/dev/null
"$ct" pki issue beta --authority "$q/pki" --out "$q/beta" --host 127.0.0.1 >/dev/null

quote() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
cat >"$q/alpha/node.conf" <<CONF
cluster-transfer {
  node { name = alpha, state-folder = state }
  hub  { enabled = true, listen = "127.0.0.1:$alpha_hub" }
  api  { listen = "127.0.0.1:$alpha_api" }
  data { listen = "127.0.0.1:$alpha_data" }
  tls  { authority = ../pki/ca.crt, certificate = alpha.crt, key = alpha.key }
  locations { src { folder = $(quote "$parent"), read-only = true } }
}
CONF
cat >"$q/beta/node.conf" <<CONF
cluster-transfer {
  node { name = beta, state-folder = state }
  hub  { address = "127.0.0.1:$alpha_hub" }
  api  { listen = "127.0.0.1:$beta_api" }
  data { listen = "127.0.0.1:$beta_data" }
  tls  { authority = ../pki/ca.crt, certificate = beta.crt, key = beta.key }
  locations { beta { folder = data } }
}
CONF
cat >"$q/client.env" <<ENV
export CT_NODE=http://127.0.0.1:$alpha_api
export CT_TOKEN_FILE=$(printf '%q' "$q/alpha/state/api-token")
ENV
# shellcheck disable=SC1091
source "$q/client.env"

start() { # NAME: the node as a process of its own, its id in $q/NAME/pid
  setsid "$ct" node run --config "$q/$1/node.conf" >"$q/$1/node.log" 2>&1 </dev/null &
  echo $! >"$q/$1/pid"
}
ready() { # NAME API_PORT
  for _ in $(seq 150); do
    kill -0 "$(cat "$q/$1/pid")" 2>/dev/null || { cat "$q/$1/node.log" >&2; die "node $1 did not start"; }
    if [ -f "$q/$1/state/api-token" ] && CT_NODE=http://127.0.0.1:$2 CT_TOKEN_FILE=$q/$1/state/api-token "$ct" locations ls -o json 2>/dev/null | grep -q '"beta"'; then return; fi
    sleep 0.2
  done
  tail -20 "$q/$1/node.log" >&2
  die "node $1 is not ready"
}
start alpha
start beta
ready alpha "$alpha_api"
ready beta "$beta_api"
say "nodes alpha (hub, src: = $parent) and beta (beta: = .quickstart/beta/data) are up"

up=yes

"$ct" cp "src:$name" beta:in || die "ct cp ended with exit code $?"

# The proof comes from other tools: every byte by diff; type, mode, time and link target by find.
say 'comparing with diff and find: every byte, mode, time and link'
copy=$q/beta/data/in/$name
special=$(find "$source_item" ! -type l -perm /7000 -printf x | wc -c)
if [ "$special" -gt 0 ]; then
  say "note: $special files or folders have set-user-id, set-group-id or sticky bits, which ClusterTransfer drops; modes are compared without them"
fi
list() { (cd -- "$(dirname -- "$1")" && find "./$(basename -- "$1")" -printf '%y %04m %T@ %l %P\0' | sed -z 's/^\(.\) [0-7]/\1 /' | LC_ALL=C sort -z | tr '\0' '\n'); }
diff -r --no-dereference -- "$source_item" "$copy" || die 'the copy differs from the source'
diff <(list "$source_item") <(list "$copy") || die 'modes, times or links differ from the source'
say "equal: $(find "$copy" -type f | wc -l) files, $(find "$copy" -type d | wc -l) folders, $(find "$copy" -type l | wc -l) links, $(du -sh --apparent-size "$copy" | cut -f1)"

if [ "$keep" = yes ]; then
  say "look around: scripts/ct ls; scripts/ct get ID; scripts/ct actors tree; scripts/ct cp $(printf %q "src:$name") beta:again"
  say 'stop the nodes: QUICKSTART_STOP=1 scripts/quickstart.sh'
else
  say 'done; to look around, run it with --keep and use scripts/ct'
fi
