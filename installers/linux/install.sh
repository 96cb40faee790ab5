#!/bin/sh
# Install HPCM Studio from the folder this script lies in into the home of the user who runs it.
# With --to FOLDER it goes there and nothing else is touched. Running it again replaces an older version.
set -eu

fail() {
    echo "$*" >&2
    exit 1
}

from=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ -x "$from/hpcm-studio/hpcm-studio" ] || fail "The archive is not complete: unpack it again."

to=
case "${1:-}" in
    '') ;;
    --to) to=${2:?--to needs a folder} ;;
    *) fail "Usage: ./install.sh [--to FOLDER]" ;;
esac

# Put the program at $1: beside it first, then in its place, so that an interruption leaves the old one or the new one.
place() {
    if [ -e "$1" ] && [ ! -f "$1/_internal/MANIFEST" ]; then
        fail "$1 is there already and is not HPCM Studio; it stays as it is."
    fi
    parent=$(dirname -- "$1")
    mkdir -p -- "$parent" 2>/dev/null || fail "The folder $parent cannot be made."
    [ -w "$parent" ] || fail "The folder $parent cannot be written."
    rm -rf -- "$1.new" "$1.old"
    cp -R -P -p -- "$from/hpcm-studio" "$1.new" || fail "There is not enough room in $parent."
    if [ -e "$1" ]; then
        mv -- "$1" "$1.old"
    fi
    mv -- "$1.new" "$1"
    rm -rf -- "$1.old"
}

# Libraries of the system that are missing, by the loader's own word.
missing() {
    for file in "$1/_internal/PySide6/Qt/plugins/platforms/libqxcb.so" "$1/_internal/torch/lib/libtorch_cpu.so"; do
        ldd "$file" 2>/dev/null | sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p'
    done | sort -u
}

report_missing() {
    names=$(missing "$1" | tr '\n' ' ')
    [ -z "$names" ] || echo "Your system lacks libraries that the window needs: $names(see docs/installing.md)"
}

if [ -n "$to" ]; then
    case "$to" in /*) ;; *) to=$(pwd)/$to ;; esac
    place "$to"
    report_missing "$to"
    echo "Start it with: $to/hpcm-studio"
    exit 0
fi

if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ]; then
    fail "There is no home folder; use: ./install.sh --to FOLDER"
fi
program=$HOME/.local/lib/hpcm-studio
share=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
place "$program"

mkdir -p -- "$bin" "$share"
for name in hpcm hpcm-studio; do
    if [ -e "$bin/$name" ] && [ ! -L "$bin/$name" ]; then
        echo "$bin/$name is there already and stays as it is." >&2
    else
        ln -sf -- "$program/hpcm-studio" "$bin/$name"
    fi
done

# Every file is noted, so that uninstall.sh takes away these and no others.
list=$program/installed-files
: >"$list"
(cd "$from/share" && find . -type f) | sort | while IFS= read -r file; do
    file=${file#./}
    mkdir -p -- "$(dirname -- "$share/$file")"
    cp -- "$from/share/$file" "$share/$file"
    printf '%s\n' "$file" >>"$list"
done

# In a desktop entry a path with spaces or letters beyond ASCII is quoted. Some programs that open files cannot read
# that; for them the bare name does, where the session finds it.
escaped=$(printf '%s' "$bin" | sed 's/[\\"`$]/\\\\&/g; s/%/%%/g')
case $bin in
    *[!A-Za-z0-9/._-]*)
        case ":$PATH:" in
            *":$bin:"*) prefix='' quote='' ;;
            *) prefix=$escaped/ quote='"' ;;
        esac ;;
    *) prefix=$bin/ quote='' ;;
esac
for file in applications/hpcm-studio.desktop thumbnailers/hpcm-studio.thumbnailer; do
    awk -v bin="$(printf '%s' "$prefix" | sed 's/\\/\\\\/g')" -v quote="$quote" '
        /^Exec=/ { rest = substr($0, 6); name = rest; sub(/ .*/, "", name); rest = substr(rest, length(name) + 1)
                   print "Exec=" quote bin name quote rest; next }
        /^TryExec=/ { if (quote == "") print "TryExec=" bin substr($0, 9); next }
        { print }' "$from/share/$file" >"$share/$file"
done

renew() {
    if command -v update-mime-database >/dev/null; then
        update-mime-database "$share/mime" 2>/dev/null || true
    fi
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database "$share/applications" 2>/dev/null || true
    fi
    touch -- "$share/icons/hicolor" 2>/dev/null || true
}
renew

report_missing "$program"
case ":$PATH:" in
    *":$bin:"*) echo "HPCM Studio is installed. Start it from the menu, or with: hpcm-studio" ;;
    *) echo "HPCM Studio is installed. Start it from the menu, or with: $bin/hpcm-studio" ;;
esac
