#!/usr/bin/env bash
# Checks that need no build: formatting, shell scripts, and which folder may include which.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t sources < <(git ls-files '*.cc' '*.h')
clang-format --dry-run -Werror "${sources[@]}"
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
shellcheck -x "${scripts[@]}"
python3 hack/check_includes.py
echo "check: format, shell scripts and include directions are as they should be"
