#!/usr/bin/env bash
# Usage: sizes.sh IMAGE LIBRARY [FLASH_LIMIT RAM_LIMIT]
# Prints flash and RAM of the image and of the library with all cores, in bytes; fails beyond the limits. The image's RAM includes what
# its linker script reserves for the stack.
set -euo pipefail
image=$1
library=$2
read -r flash ram < <(arm-none-eabi-size -A "$image" | awk '
  $1 == ".text" || $1 == ".data" || $1 == ".ARM.exidx" { flash += $2 }
  $1 == ".data" || $1 == ".bss" || $1 == ".stack" { ram += $2 }
  END { print flash, ram }')
read -r core_flash core_ram < <(arm-none-eabi-size -t "$library" | awk '$NF == "(TOTALS)" { print $1 + $2, $2 + $3 }')
printf '%s: %d bytes of flash, %d of RAM; all cores alone: %d bytes of code, %d of static data\n' \
  "$(basename "$image" .elf)" "$flash" "$ram" "$core_flash" "$core_ram"
if [ $# -eq 4 ] && { [ "$flash" -gt "$3" ] || [ "$ram" -gt "$4" ]; }; then
  printf 'too much: allowed are %d bytes of flash and %d of RAM\n' "$3" "$4" >&2
  exit 1
fi
