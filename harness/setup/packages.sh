# Which distribution packages streamgauge needs, and how it gets them. Sourced by bash scripts.
#
# Two kinds, treated differently:
#   libraries and tools    are installed with apt-get;
#   programs with a daemon (nginx, ...) are unpacked into .cache/programs and never installed, so
#                          that no service is started, enabled or even known to the system.
# Everything said goes to stderr: stdout belongs to the program that is started.

sg_say() { printf 'streamgauge: %s\n' "$*" >&2; }
sg_die() { sg_say "$1"; exit "${2:-3}"; }

# Debian 12 carries Boost 1.74 and 1.81; Debian 13 and Ubuntu 24.04 carry 1.83.
sg_boost_version() {
  local id="" version=""
  if [[ -r /etc/os-release ]]; then
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  case "$id:$version" in
    debian:12*) echo 1.81 ;;
    *) echo 1.83 ;;
  esac
}

sg_build_packages() {
  local boost
  boost=$(sg_boost_version)
  echo g++ cmake ninja-build ccache \
    "libboost$boost-dev" "libboost-json$boost-dev" "libboost-url$boost-dev" \
    libfmt-dev libcli11-dev libyaml-cpp-dev libssl-dev zlib1g-dev prometheus-cpp-dev libspdlog-dev \
    libjs-chart.js
}

# Tools that may be there from elsewhere, as COMMAND=PACKAGE: a package is needed only without the
# command.
sg_test_tools() { echo clang++=clang curl=curl node=nodejs npm=npm java=default-jdk-headless; }

sg_test_packages() {
  local tool
  echo libgtest-dev libgmock-dev libbenchmark-dev libhdrhistogram-java libxml2-utils \
    python3-prometheus-client "$(sg_fuzzer_runtime)"
  for tool in $(sg_test_tools); do
    command -v "${tool%%=*}" >/dev/null || echo "${tool#*=}"
  done
}

# libFuzzer and the sanitizers' runtime belong to one version of clang.
sg_fuzzer_runtime() {
  local id version
  id=$(. /etc/os-release 2>/dev/null && echo "${ID:-}")
  version=$(. /etc/os-release 2>/dev/null && echo "${VERSION_ID:-}")
  case "$id:$version" in
    debian:12*) echo libclang-rt-14-dev ;;
    debian:13*) echo libclang-rt-19-dev ;;
    *) echo libclang-rt-18-dev ;;
  esac
}

# Programs that tests start and that bring a daemon along (the browser's libraries bring dbus).
sg_test_programs() { echo chromium; }

# The given packages that are not installed, one a line.
sg_missing_packages() {
  local package
  for package in "$@"; do
    # A package may be provided by another one (libclang-rt of another version, say).
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      echo "$package"
  done
}

sg_as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    sg_die "root is needed to install packages and sudo is not there; as root: apt-get install $*"
  fi
}

sg_refresh_lists() {
  [[ -n "${sg_lists_fresh:-}" ]] && return
  sg_as_root apt-get update -qq >&2 || sg_say "apt-get update failed; going on with the lists there are"
  sg_lists_fresh=yes
}

# Installs what is missing of the given packages, saying so; starts no service.
sg_install() {
  local missing
  mapfile -t missing < <(sg_missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null ||
    sg_die "these packages (Debian's names) are missing and apt-get is not there: ${missing[*]}"
  sg_say "installing ${missing[*]}"
  sg_refresh_lists
  # invoke-rc.d asks policy-rc.d: 101 means "start nothing".
  local policy=/usr/sbin/policy-rc.d ours=""
  if [[ ! -e $policy ]]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | sg_as_root tee $policy >/dev/null
    sg_as_root chmod +x $policy
  fi
  # A machine that lives for one run need not survive a power cut: dpkg is far faster without fsync.
  local unsafe=()
  [[ -n ${CI:-} ]] && unsafe=(-o Dpkg::Options::=--force-unsafe-io)
  local status=0
  sg_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${unsafe[@]}" "${missing[@]}" >"$sg_root/build/install.log" 2>&1 ||
    status=$?
  [[ -z $ours ]] || sg_as_root rm -f $policy
  if ((status)); then
    tail -n 15 "$sg_root/build/install.log" >&2
    sg_die "apt-get could not install ${missing[*]} (whole output: build/install.log)"
  fi
}

# Where unpacked programs live, and whether one is there or on the system.
sg_programs() { echo "$sg_root/.cache/programs"; }
sg_have_program() {
  local prefix
  prefix=$(sg_programs)
  PATH="$prefix/usr/sbin:$prefix/usr/bin:$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null
}

# Unpacks packages, and those that they depend on and that are not installed, into .cache/programs.
sg_unpack() {
  local prefix downloads package
  prefix=$(sg_programs)
  command -v apt-get >/dev/null || return 1
  sg_say "unpacking $* into ${prefix#"$sg_root"/} (nothing is installed, no service is touched)"
  sg_refresh_lists
  downloads=$(mktemp -d)
  chmod 755 "$downloads"
  mkdir -p "$prefix"
  local names
  names=$(apt-get -s install --no-install-recommends "$@" 2>/dev/null | awk '$1 == "Inst" {print $2}')
  # Already installed packages do not show up; nothing to unpack then.
  (
    cd "$downloads"
    # shellcheck disable=SC2086  # a list of names
    apt-get download -qq $names >/dev/null 2>&1 || { sg_say "could not download $names"; exit 1; }
    for package in *.deb; do
      [[ -e $package ]] && dpkg-deb -x "$package" "$prefix"
    done
  ) || { rm -rf "$downloads"; return 1; }
  rm -rf "$downloads"
  # Some programs have a folder under /var/lib compiled in and do not start without it (nchan).
  local state
  for state in "$prefix"/var/lib/nginx; do
    [[ -d $state && ! -e /var/lib/${state##*/} ]] && sg_as_root mkdir -p "/var/lib/${state##*/}"
  done
  return 0
}

# Makes sure that the program of a target or proxy file is there: reads its `program:` and
# `packages: [..]` lines.
sg_provide_for() {
  local file=$1 program packages
  program=$(sed -n 's/^ *program: *"\{0,1\}\([A-Za-z0-9_.+-]*\)"\{0,1\} *$/\1/p' "$file" | head -n 1)
  packages=$(sed -n 's/^ *packages: *\[\(.*\)\].*$/\1/p' "$file" | head -n 1 | tr -d ',"')
  [[ -n $program && -n $packages ]] || return 0
  sg_have_program "$program" && return 0
  # shellcheck disable=SC2086  # a list of names
  sg_unpack $packages || sg_say "could not provide $program; the run will say what is missing"
}
