#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows what nigh does, on loopback, in a throw-away home (./dev demo). Every command line is printed
# as a user would type it, then run as it was printed; what it says is checked. Leaves nothing behind.
#   demo.sh DIRECTORY-OF-NIGH
set -euo pipefail
PATH=$1:$PATH
unset SSH_AUTH_SOCK XDG_CONFIG_HOME XDG_RUNTIME_DIR XDG_STATE_HOME XDG_DATA_HOME XDG_CACHE_HOME
HOME=$(mktemp -d "${TMPDIR:-/tmp}/nigh-demo.XXXXXX")
export HOME PATH
cd "$HOME"
log=$HOME/serve.log
server=

fail() {
  echo "demo: $*" >&2
  [[ ! -s $log ]] || sed 's/^/  server: /' "$log" >&2
  exit 1
}

finish() {
  local status=$?
  trap - EXIT INT TERM
  if [[ -n $server ]] && kill -TERM "$server" 2>/dev/null; then
    wait "$server" || { echo "demo: the server ended with status $?" >&2; status=1; }
    echo && echo 'The server has drained and ended; the throw-away home is removed.'
  fi
  cd / && rm -rf "$HOME"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

bold='' plain=''
[[ ! -t 1 ]] || bold=$'\e[1m' plain=$'\e[0m'
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# show LINE PATTERN: prints the command line, runs it, and fails unless its output matches.
output=
show() {
  echo "\$ $1"
  # In this shell, so that a variable which the line sets is there for the next one.
  eval "$1" >"$HOME/output" 2>&1 </dev/null || true
  output=$(<"$HOME/output")
  [[ -z $output ]] || sed 's/^/  /' "$HOME/output"
  [[ $output =~ $2 ]] || fail "that is not what was expected: /$2/"
}

make_home() {
  mkdir -m 700 .ssh .config .config/nigh
  ssh-keygen -q -t ed25519 -N '' -C demo -f .ssh/id_ed25519
  ssh-keygen -q -t ed25519 -N '' -C 'demo host' -f host_key
  cp .ssh/id_ed25519.pub .ssh/authorized_keys
}

start_server() {
  local line
  echo "\$ nigh serve --listen 127.0.0.1:0 --authorized-keys ~/.ssh/authorized_keys --host-key ~/host_key &"
  exec 3< <(exec nigh serve --listen 127.0.0.1:0 --authorized-keys "$HOME/.ssh/authorized_keys" \
    --host-key "$HOME/host_key" 2>"$log" </dev/null)
  server=$!
  until [[ ${line:-} == ready ]]; do
    read -r -t 30 -u 3 line || fail 'the server did not become ready'
    echo "  $line"
    [[ $line != 'listening on '* ]] || port=${line##*:}
  done
}

name_the_host() {
  printf '[host.demo]\nhostname = "127.0.0.1"\nport = %s\n' "$port" >.config/nigh/config.toml
  show 'cat ~/.config/nigh/config.toml' "port = $port"
}

say 'A server, as a plain user, with an SSH key that may come in'
make_home
start_server
name_the_host

say 'A command, its output and its exit status'
show 'nigh run --accept-new demo -- uname -a' "$(uname -s).*$(uname -m)"
show "nigh run demo -- sh -c 'exit 7'; echo \"exit status \$?\"" 'exit status 7'

say 'Data streamed through a filter on the other machine'
show 'seq 1000000 | nigh run demo -- sha256sum' "$(seq 1000000 | sha256sum | cut -d' ' -f1)"
show 'seq 1000000 | sha256sum' '^[0-9a-f]{64} '
show "seq 1000000 | gzip | nigh run demo -- 'gzip -dc | sort -rn | head -n 3'" $'1000000\n999999\n999998'

say 'Files: copied, compared, and made alike'
show 'mkdir site && seq 200000 >site/numbers && echo hello >site/index.html && nigh cp -v site demo:copy' '[+] site/numbers'
show 'echo changed >>site/numbers && nigh sync --delete site/ demo:copy/' 'ratio'
show "nigh ls demo:copy && nigh cat demo:copy/numbers | tail -n 1" $'numbers\nchanged'

say 'For programs: JSON, and plain HTTP/2 with a token'
show "nigh run demo --json -- sh -c 'echo out; echo err >&2; exit 3'" '"exit": *3'
# shellcheck disable=SC2016
show 'TOKEN=$(nigh token demo)' '^'
# shellcheck disable=SC2016
show 'curl -sS --http2 -k -H "Authorization: Bearer $TOKEN" -d '\''{"argv":["uname","-a"]}'\'" https://127.0.0.1:$port/v1/run" \
  "$(uname -s).*$(uname -m)"
