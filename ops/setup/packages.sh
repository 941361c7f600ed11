# Which of Debian's packages serve what. Sourced.

# The addon: libvirt's function list, a compiler, and Python for node-gyp.
BUILD_PACKAGES='libvirt-dev pkg-config g++ make python3'
# Real daemons and guests: no service of the machine, only what private instances are started from.
DAEMON_PACKAGES='libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils xorriso rabbitmq-server tini'

# packages_for PURPOSE: the packages that PURPOSE needs, one a line.
packages_for() {
  local packages
  case $1 in
    build) packages=$BUILD_PACKAGES ;;
    demo) packages="$BUILD_PACKAGES $DAEMON_PACKAGES" ;;
    test) packages="$BUILD_PACKAGES $DAEMON_PACKAGES openssl python3-pika python3-oslo.messaging python3-grpcio protobuf-compiler protobuf-compiler-grpc python3-libvirt prometheus libxml2-utils libarchive-tools ovmf" ;;
    check) packages="$BUILD_PACKAGES clang-format" ;;
    bench) packages="$BUILD_PACKAGES $DAEMON_PACKAGES python3-libvirt python3-oslo.messaging" ;;
    *)
      echo "setup: what is \"$1\"? It sets up: build demo test check bench all" >&2
      return 2
      ;;
  esac
  printf '%s\n' $packages
}

# missing_of PACKAGE...: those that are not installed, one a line. Without dpkg: all of them.
missing_of() {
  if ! command -v dpkg-query >/dev/null; then
    printf '%s\n' "$@"
    return
  fi
  # dpkg-query fails when it does not know one; what it knows it prints all the same.
  { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    awk -v wanted="$*" '$1 == "installed" { have[$2] } END { n = split(wanted, w, " "); for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}
