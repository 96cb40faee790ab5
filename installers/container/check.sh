#!/usr/bin/env bash
# Builds the image of the Dockerfile without a registry of images and without a daemon: `sudo make check-image`. In the
# place of python:3.11-slim-bookworm stands a Debian bookworm with its own Python 3.11. Needs buildah and debootstrap, and
# is run as root. IMAGE_OPTIONS: further options for buildah, for instance --build-arg TORCH=cuda; pip's variables
# (PIP_INDEX_URL and others) hold inside as they do outside.
set -euo pipefail
cd "$(dirname "$0")/../.."

for program in buildah debootstrap; do
    command -v $program >/dev/null || { echo "$program is missing, on Debian and Ubuntu: apt-get install buildah debootstrap"; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
build() { buildah --storage-driver vfs --root "$work/images" --runroot "$work/run" "$@"; }

debootstrap --variant=minbase --include=ca-certificates,python3-dev,python3-venv,python3-pip bookworm "$work/debian" "${DEBIAN:-http://deb.debian.org/debian}"
ln -s python3 "$work/debian/usr/bin/python"
# The authorities that this machine trusts, should it stand behind one of its own.
cp /etc/ssl/certs/ca-certificates.crt "$work/debian/etc/ssl/certs/"
base=$(build from scratch)
build add --quiet "$base" "$work/debian" /
build config --env PIP_CERT=/etc/ssl/certs/ca-certificates.crt "$base"
while read -r setting; do build config --env "$setting" "$base"; done < <(env | grep ^PIP_ | grep -v ^PIP_CERT)
build commit --quiet --rm "$base" docker.io/library/python:3.11-slim-bookworm
rm -rf "$work/debian"

mkdir "$work/source"
git archive HEAD | tar --extract --directory "$work/source"
# shellcheck disable=SC2086
build build --isolation chroot --network host --pull=never --format docker ${IMAGE_OPTIONS:-} \
    --ignorefile installers/container/Dockerfile.dockerignore --file installers/container/Dockerfile \
    --tag hpcm-worker "$work/source"
worker=$(build from --pull=never hpcm-worker)
for command in "hpcm --version" "ray --version" "python -c 'import s3fs, gcsfs, torch; print(torch.__version__)'" id; do
    build run --isolation chroot "$worker" -- bash -c "$command"
done
build images
