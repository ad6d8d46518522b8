# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# The packages that each kind of work needs, by their names in Debian 12, and need(), which installs
# those that are missing. Sourced by ./dev.

packages_build=(
  clang-19 lld-19 llvm-19 libclang-rt-19-dev ccache ninja-build cmake pkg-config
  libboost1.81-dev libssl-dev libnghttp2-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev
  libfmt-dev libspdlog-dev libseccomp-dev libxxhash-dev libzstd-dev libsqlite3-dev libgtest-dev
  libgmock-dev)
packages_demo=(openssh-client curl)
packages_test=(git python3-pytest python3-pexpect python3-h2 openssh-client openssh-server nghttp2-client curl rsync
  openssl redis-server socat tmux vim-tiny less)
packages_lint=(python3 clang-tidy-19 clang-format-19)
packages_bench=(python3 iperf3 openssh-client openssh-server dropbear-bin nghttp2-client rsync iproute2
  openssl)

# need KIND…: afterwards every package of these kinds is installed. Asks nothing, and touches
# neither the network nor root's rights when nothing is missing. NIGH_NO_INSTALL=1 trusts the caller
# to have the equivalent of the packages.
need() {
  [[ ${NIGH_NO_INSTALL:-} == 1 ]] && return
  local kind wanted=() missing=()
  for kind in "$@"; do
    declare -p "packages_$kind" >/dev/null 2>&1 || die 2 "no packages are listed for $kind"
    local -n list=packages_$kind
    wanted+=("${list[@]}")
  done
  is_debian_12 || explain_other_systems "${wanted[@]}"
  mapfile -t missing < <(missing_of "${wanted[@]}")
  ((${#missing[@]} == 0)) || install "${missing[@]}"
}

is_debian_12() {
  local ID='' VERSION_ID=''
  # shellcheck disable=SC1091
  [[ -r /etc/os-release ]] && . /etc/os-release
  [[ $ID == debian && $VERSION_ID == 12 ]]
}

missing_of() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  printf '%s\n' "$@" | sort -u |
    grep -vxF -f <(sed -n 's/^installed //p' <<<"$installed") || true
}

install() {
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die 2 "these packages are missing; as root: apt-get install --no-install-recommends $*"
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)
  fi
  echo "installing: $*"
  "${as_root[@]}" bash -s -- "$@" <<'ROOT' || die 2 "apt-get could not install: $*"
set -e
export DEBIAN_FRONTEND=noninteractive
# Servers are tests' peers here, not services of this machine: their start is held back, unless the
# administrator has a policy already.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
ROOT
  local package service
  for package in openssh-server:ssh redis-server:redis-server; do
    service=${package#*:} package=${package%:*}
    case " $* " in *" $package "*)
      echo "$package was installed for the tests and not started; it would start at the next" \
        "boot: to prevent that, run: systemctl disable $service" ;;
    esac
  done
}

explain_other_systems() {
  cat >&2 <<TEXT
dev: this is not Debian 12, so nothing was installed. Needed here, by Debian's package names:
$(printf '%s\n' "$@" | sort -u | fmt -w 90 | sed 's/^/  /')
Where they differ elsewhere:
  compiler    clang++-19 and lld with libstdc++ 12 or later (the presets name clang++-19)
  Boost       headers of 1.81 or later
  Fedora      clang lld boost-devel openssl-devel libnghttp2-devel json-devel tomlplusplus-devel
              cli11-devel fmt-devel spdlog-devel libseccomp-devel sqlite-devel gtest-devel gmock-devel
  Arch        clang lld boost openssl libnghttp2 nlohmann-json tomlplusplus cli11 fmt spdlog
              libseccomp sqlite gtest
With these in place, say NIGH_NO_INSTALL=1 ./dev … to go on.
TEXT
  exit 2
}
