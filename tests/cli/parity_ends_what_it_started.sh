# Ctrl-C in parity, even when it alone gets it: bench and controller end too, and it proves nothing. So they do when it is killed.
source "$(dirname "$0")/expectations.sh" "$@"
parity=
trap 'kill $parity 2>/dev/null; rm -rf "$work"' EXIT
scenario good 5 "$holding"
# A controller that never says anything: the bench waits for its first request.
cat >"$work/silent" <<'SCRIPT'
#!/bin/bash
echo $$ >"$(dirname "$0")/silent.pid"
exec sleep 600
SCRIPT
chmod +x silent
# begun: parity in the background, until bench and controller run.
begun() {
  rm -f silent.pid
  "$hilbench" parity good.xml --controller "$work/silent" --results out >stdout 2>stderr &
  parity=$!
  # The run in process comes first.
  local began=$SECONDS
  while [ ! -s silent.pid ] && kill -0 $parity 2>/dev/null && [ $((SECONDS - began)) -lt 100 ]; do
    sleep 0.05
  done
  [ -s silent.pid ] || fail "parity ended, or 100 s went by, before the controller was started"
  bench=$(pgrep -P $parity -f ' attach ')
  [ -n "$bench" ] || fail "no bench runs"
}
# none_left LOOKS: nothing runs of what it started, at the last look; what nobody has collected yet is no more than a number.
none_left() {
  local left
  for left in "$bench" "$(cat silent.pid)"; do
    for _ in $(seq "$1"); do
      [ -e "/proc/$left/stat" ] && ! grep -q ') [ZX] ' "/proc/$left/stat" || continue 2
      sleep 0.05
    done
    fail "process $left is left"
  done
}
begun
kill -INT $parity
timeout 15 tail --pid=$parity -s 0.1 -f /dev/null || fail "parity did not end within 15 s of Ctrl-C"
wait $parity
code=$?
parity=
[ $code -eq 4 ] || fail "parity ended with $code, expected 4"
expect_in stderr 'parity: ended by the user'
none_left 1

begun
kill -KILL $parity
wait $parity 2>/dev/null
parity=
none_left 100
exit 0
