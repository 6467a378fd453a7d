# Ctrl-C in parity, even when it alone gets it: bench and controller end too, and it proves nothing.
source "$(dirname "$0")/expectations.sh" "$@"
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
for _ in $(seq 600); do
  [ -s silent.pid ] && break
  sleep 0.05
done
[ -s silent.pid ] || fail "the controller was not started"
bench=$(pgrep -P $parity -f ' attach ')
[ -n "$bench" ] || fail "no bench runs"
kill -INT $parity
wait $parity
code=$?
[ $code -eq 4 ] || fail "parity ended with $code, expected 4"
expect_in stderr 'parity: ended by the user'
for left in "$bench" "$(cat silent.pid)"; do
  ! kill -0 "$left" 2>/dev/null || fail "process $left is left"
done
