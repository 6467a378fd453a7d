# The firmware of the board comes through scenarios exactly as the same core does in process: attached over pseudo-terminals,
# with its time from the bench, so that no machine is too slow for it. All at once, since emulators spend much of it waiting.
# usage: board_scenarios.sh HILBENCH SOURCE IMAGE [SCENARIO...]; the image has two inverters on COM1 and no export.
source "$(dirname "$0")/expectations.sh" "$@"
image=$3
shift 3
[ $# -gt 0 ] || set -- heater_step_short unbalanced_load cloud_edge empty_batteries_night backup_load_shared
under_way=
trap 'kill $under_way 2>/dev/null; rm -rf "$work"' EXIT
for name in "$@"; do
  "$hilbench" parity "$source_dir/scenarios/goodwe/$name.xml" --stepped --board "$image" --results out >"$name.out" 2>&1 &
  under_way="$under_way $!"
done
failed=
for process in $under_way; do
  wait "$process" || failed="$failed $process"
done
under_way=
for name in "$@"; do
  printf '%s: ' "$name"
  tail -n 1 "$name.out"
done
: >stdout
: >stderr
for name in "$@"; do
  tail -n 1 "$name.out" | grep -qx agree || { cat "$name.out"; fail "$name: the board does not do as the core in process"; }
  # What lies below the stack would be overwritten, and agree until it matters.
  stack=$(sed -n 's/^controller: state 1, .* 0 bytes lost, stack \([0-9]*\) B.*/\1/p' "out/${name}_parity/board_bench.log" | tail -n 1)
  [ -n "$stack" ] || fail "$name: the board's console does not tell that it regulates"
  [ "$stack" -le 6144 ] || fail "$name: $stack of the 8192 bytes of stack were in use, a quarter is kept free"
done
[ -z "$failed" ] || fail "processes$failed ended otherwise than with 0"
