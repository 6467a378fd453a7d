# The firmware of the board comes through scenarios as the same core does in process: verdicts and margins agree. All at once, since
# each takes its own duration of real time and hardly any of the processor.
# usage: board_scenarios.sh HILBENCH SOURCE IMAGE [SCENARIO...]; the image has two inverters on COM1 and no export.
source "$(dirname "$0")/../cli/expectations.sh" "$@"
image=$3
shift 3
[ $# -gt 0 ] || set -- heater_step_short unbalanced_load cloud_edge empty_batteries_night backup_load_shared
under_way=
trap 'kill $under_way 2>/dev/null; rm -rf "$work"' EXIT
for name in "$@"; do
  "$hilbench" parity "$source_dir/scenarios/goodwe/$name.xml" --board "$image" --results out >"$name.out" 2>&1 &
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
done
[ -z "$failed" ] || fail "processes$failed ended otherwise than with 0"
