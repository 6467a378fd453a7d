#!/usr/bin/env bash
# firmware_fits.sh SOURCE_DIR BUILD_DIR: builds the Cortex-M4 images and holds their size against the microcontrollers that the
# product is meant for: 128 KiB of flash, 64 KiB of RAM.
set -euo pipefail
source_dir=$1
build_dir=$2
cmake -S "$source_dir" -B "$build_dir" -G Ninja \
  --toolchain "$source_dir/controller/hosts/mps2_an386/toolchain.cmake" >"$build_dir.log" 2>&1 ||
  { cat "$build_dir.log"; exit 1; }
cmake --build "$build_dir" >"$build_dir.log" 2>&1 || { cat "$build_dir.log"; exit 1; }
for image in hilcontroller_mps2_an386{,_fleet}{,_stepped}; do
  bash "$source_dir/controller/hosts/mps2_an386/sizes.sh" \
    "$build_dir/controller/hosts/mps2_an386/$image.elf" "$build_dir/controller/libhil_controller.a" 131072 65536
done
