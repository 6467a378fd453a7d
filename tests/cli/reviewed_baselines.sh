# Each scenario with a reviewed baseline in results/baselines still comes to it; another grid code does not.
source "$(dirname "$0")/expectations.sh" "$@"
baselines=$source_dir/results/baselines
reviewed=0
for folder in "$baselines"/*/; do
  name=$(basename "$folder")
  file=$(find "$source_dir/scenarios" -name "$name.xml")
  expect_exit 0 run "$file" --results out
  expect_exit 0 compare "out/$name" --baseline "$baselines"
  expect_in stdout "SAME       $name"
  reviewed=$((reviewed + 1))
done
[ "$reviewed" -gt 0 ] || fail "no baseline in $baselines"
# AS/NZS 4777 gives way along another curve.
sed 's|grid_code="en50549_1"|grid_code="as4777_a"|' "$source_dir/scenarios/goodwe/frequency_rise.xml" >frequency_rise.xml
"$hilbench" run frequency_rise.xml --results other >stdout 2>stderr
expect_exit 1 compare other/frequency_rise --baseline "$baselines"
expect_in stdout 'DIFFERENT  frequency_rise' 'the first: ' 'baseline ' ', run '
