#!/bin/sh
# Take away what install.sh put into the home of the user who runs it. Pictures, settings and models stay.
set -eu

[ -n "${HOME:-}" ] || { echo "There is no home folder." >&2; exit 1; }
program=$HOME/.local/lib/hpcm-studio
share=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
[ -f "$program/_internal/MANIFEST" ] || { echo "HPCM Studio is not installed in $program." >&2; exit 1; }

for name in hpcm hpcm-studio; do
    if [ "$(readlink -- "$bin/$name" || true)" = "$program/hpcm-studio" ]; then
        rm -f -- "$bin/$name"
    fi
done

if [ -f "$program/installed-files" ]; then
    while IFS= read -r file; do
        rm -f -- "$share/$file"
        # Folders that are empty now were made for it, or for nothing.
        (cd "$share" && rmdir -p -- "$(dirname -- "$file")" 2>/dev/null) || true
    done <"$program/installed-files"
fi
rm -rf -- "$program" "$program.new" "$program.old"
if command -v update-mime-database >/dev/null && [ -d "$share/mime" ]; then
    update-mime-database "$share/mime" 2>/dev/null || true
    # What is left when no type of a user's own is: the database of nothing.
    if [ -z "$(ls -A "$share/mime/packages" 2>/dev/null)" ]; then
        rm -rf -- "$share/mime"
    fi
fi
if command -v update-desktop-database >/dev/null && [ -d "$share/applications" ]; then
    update-desktop-database "$share/applications" 2>/dev/null || true
    if [ "$(ls -A "$share/applications")" = mimeinfo.cache ]; then
        rm -rf -- "$share/applications"
    fi
fi
for folder in "$HOME/.local/lib" "$bin" "$share" "$HOME/.local"; do
    rmdir -- "$folder" 2>/dev/null || true
done
echo "HPCM Studio is gone. Settings and models stay in ~/.config/hpcm-studio and $share/hpcm-studio."
