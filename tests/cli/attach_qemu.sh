# The core as firmware of a Cortex-M4 board in QEMU, its UARTs on the bench's pseudo-terminals, comes to the verdict that
# the same core comes to in process.
source "$(dirname "$0")/expectations.sh" "$@"
image=$3
scenario=$source_dir/scenarios/goodwe/heater_step_short.xml
expect_exit 0 run "$scenario" --results virtual

bench= board=
trap 'kill $bench $board 2>/dev/null; rm -rf "$work"' EXIT
# On a machine that is busy with something else whoever may takes precedence, as on a bench.
realtime=""
chrt -f 5 true 2>/dev/null && realtime="chrt -f 5"

attach_once() {
  "$hilbench" attach "$scenario" --com1 pty:"$work/com1" --meter pty:"$work/com4" --late-limit-ms 100 \
    --results attached >stdout 2>stderr &
  bench=$!
  for _ in $(seq 200); do
    grep -q 'waiting for' stdout && break
    sleep 0.05
  done
  $realtime qemu-system-arm -M mps2-an386 -display none -monitor none -kernel "$image" \
    -chardev serial,id=com1,path="$work/com1" -serial chardev:com1 -serial null -serial null \
    -chardev serial,id=com4,path="$work/com4" -serial chardev:com4 -serial file:console.txt 2>qemu.log &
  board=$!
  wait $bench
  local code=$?
  kill $board
  wait $board
  return $code
}

for attempt in 1 2 3; do
  attach_once
  code=$?
  /usr/bin/python3 "$source_dir/tests/cli/parity.py" virtual/heater_step_short/run.json attached/heater_step_short/run.json
  parity=$?
  [ $parity -eq 4 ] || break
  echo "attempt $attempt was inconclusive"
done
tail -n 2 console.txt
cat qemu.log
[ $parity -eq 0 ] || fail "in process and attached differ"
[ $code -eq 0 ] || fail "attach ended with $code"
grep -q 'state 1, import .* 2 answer, 0 bytes lost' console.txt || fail "the board's console does not tell that it regulates"
