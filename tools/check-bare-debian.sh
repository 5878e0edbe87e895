#!/bin/sh
# check-bare-debian.sh [COMMAND]: runs COMMAND (make -j2 deps check) in a fresh clone of HEAD on a bare
# Debian that has gcc, make and git only, as a stranger's machine might. Needs root and debootstrap.
#   RELEASE=bookworm  MIRROR=http://deb.debian.org/debian
#   BASE=/var/tmp/libbc-RELEASE  the bare system, made when it is not there; each run works on a copy
#   KEEP=1            leave the copy
set -eu

command=${1:-make -j2 deps check}
release=${RELEASE:-bookworm}
base=${BASE:-/var/tmp/libbc-$release}
repository=$(cd "$(dirname "$0")/.." && pwd)

if [ ! -d "$base" ]; then
    debootstrap --variant=minbase --include=gcc,libc6-dev,make,git,ca-certificates "$release" "$base.new" \
        "${MIRROR:-http://deb.debian.org/debian}"
    mv "$base.new" "$base"
fi

copy=$(mktemp -d "$base.XXXXXX")
if [ -z "${KEEP:-}" ]; then
    trap 'rm -rf --one-file-system "$copy"' EXIT
else
    echo "kept: $copy"
fi
cp -a "$base/." "$copy"
git clone -q "$repository" "$copy/root/libbc"
cp /etc/resolv.conf "$copy/etc/resolv.conf"

# The mounts live in a name space of their own and are gone when the command ends.
status=0
# shellcheck disable=SC2016 # the inner shell expands it
COPY=$copy COMMAND=$command unshare --mount sh -eu -c '
    mount --rbind /proc "$COPY/proc"
    mount --rbind /dev "$COPY/dev"
    exec chroot "$COPY" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin CI=true \
        sh -c "cd /root/libbc && $COMMAND"' </dev/null || status=$?
exit "$status"
