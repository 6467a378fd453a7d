# Every scenario of the library but the whole day, those of hours and the type test, which have tests of their own: each check holds.
source "$(dirname "$0")/expectations.sh" "$@"
mapfile -t scenarios < <(find "$source_dir/scenarios" -mindepth 2 -name '*.xml' -not -path '*/catalog/*' -not -path '*/sites/*' \
  -not -path '*/registers/*' -not -path '*/hours/*' -not -path '*/ieee1547_1/*' -not -name day_zero_export.xml | LC_ALL=C sort)
[ "${#scenarios[@]}" -ge 5 ] || fail "found only ${#scenarios[@]} scenarios"
expect_exit 0 run "${scenarios[@]}" --results out --shard "${3:-1/1}"
# Of a file with a sweep each case counts.
grep -qE '^([0-9]+) scenarios: \1 pass$' stdout || fail "not all passed"
passed=$(sed -nE 's/^([0-9]+) scenarios: .*/\1/p' stdout)
[ -n "${3:-}" ] || [ "$passed" -ge "${#scenarios[@]}" ] || fail "only $passed ran"
# How long that took, for whoever reads the log.
grep -E '^[0-9.]+ h of virtual time, [0-9.]+ million steps of an inverter, in [0-9.]+ s' stdout || fail "does not say what it took"
