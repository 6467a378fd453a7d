# Ctrl-C in parity, even when it alone gets it: bench and controller end too, and it proves nothing.
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
"$hilbench" parity good.xml --controller "$work/silent" --results out >stdout 2>stderr &
parity=$!
# The run in process comes first.
begun=$SECONDS
while [ ! -s silent.pid ] && kill -0 $parity 2>/dev/null && [ $((SECONDS - begun)) -lt 100 ]; do
  sleep 0.05
done
[ -s silent.pid ] || fail "parity ended, or 100 s went by, before the controller was started"
bench=$(pgrep -P $parity -f ' attach ')
[ -n "$bench" ] || fail "no bench runs"
kill -INT $parity
timeout 15 tail --pid=$parity -s 0.1 -f /dev/null || fail "parity did not end within 15 s of Ctrl-C"
wait $parity
code=$?
[ $code -eq 4 ] || fail "parity ended with $code, expected 4"
expect_in stderr 'parity: ended by the user'
for left in "$bench" "$(cat silent.pid)"; do
  ! kill -0 "$left" 2>/dev/null || fail "process $left is left"
done
