#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the libFuzzer harnesses that the fuzz preset built (./dev fuzz). The harness NAME is the program
# build/fuzz/fuzz/NAME_fuzz; its seed corpus, fuzz/corpus/NAME, is only read. What it finds new goes
# to build/fuzz/found/NAME, and an input that fails to build/fuzz/failed/NAME-*.
#   fuzz.sh JOBS NAME [SECONDS] | fuzz.sh JOBS --short [SECONDS]
set -euo pipefail
jobs=$1 what=$2 seconds=${3:-}

harnesses() {
  find build/fuzz/fuzz -maxdepth 1 -type f -executable -name '*_fuzz' -printf '%f\n' |
    sed 's/_fuzz$//' | sort
}

# fuzz NAME SECONDS FOUND [OPTION…]
fuzz() {
  local name=$1 seconds=$2 found=$3
  local corpus=("$found")
  mkdir -p "$found" build/fuzz/failed
  [[ ! -d fuzz/corpus/$name ]] || corpus+=("fuzz/corpus/$name")
  "build/fuzz/fuzz/${name}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="build/fuzz/failed/$name-" -print_final_stats=0 "${@:4}" "${corpus[@]}"
}

# Quiet unless it fails; what it found is thrown away, so that every run starts from the seeds.
short() {
  local name=$1 log
  log=$(mktemp -d)
  if fuzz "$name" "$2" "$log/found" >"$log/out" 2>&1; then
    sed -n "s/^Done \([0-9]*\) runs.*/$name: \1 runs, nothing found/p" "$log/out"
    rm -rf "$log"
  else
    tail -n 60 "$log/out"
    rm -rf "$log"
    echo "$name: FAILED; the input is build/fuzz/failed/$name-*"
    return 1
  fi
}

if [[ $what == --short ]]; then
  export -f fuzz short
  all=$(harnesses)
  [[ -n $all ]] || { echo 'fuzz: no harness was built' >&2; exit 1; }
  xargs -P "$jobs" -I{} bash -c "set -euo pipefail; short {} ${seconds:-15}" <<<"$all"
else
  [[ -x build/fuzz/fuzz/${what}_fuzz ]] ||
    { echo "fuzz: no harness is called $what; there are: $(harnesses | xargs)" >&2; exit 2; }
  fuzz "$what" "${seconds:-600}" "build/fuzz/found/$what" -fork="$jobs"
fi
