# The LAN server of our controller on a real port: clients as the public ones, floods, and the overload as a quirk.
source "$(dirname "$0")/expectations.sh" "$@"
here=$source_dir/tests/cli

# serve_lan FILE OPTIONS...: serves in the background, sets $server and $port.
serve_lan() {
  "$hilbench" serve "$@" --controller in-process --lan 127.0.0.1:0 --for 100 >stdout 2>stderr &
  server=$!
  trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
  for _ in $(seq 100); do
    grep -q 'LAN of the controller' stdout && break
    sleep 0.1
  done
  port=$(sed -n 's/.*LAN of the controller, TCP 127\.0\.0\.1:\([0-9]*\),.*/\1/p' stdout)
  [ -n "$port" ] || fail "serve does not say where its LAN server listens"
}
stop() {
  kill -INT $server
  wait $server
  [ $? -eq 0 ] || fail "serve did not end well on Ctrl-C"
}

scenario served 3600 "$holding"
serve_lan served.xml --factor 10
/usr/bin/python3 "$here/lan_clients.py" --lan "$port" >clients.out 2>&1 ||
  { cat clients.out; fail "a LAN client was not served"; }
stop
expect_in stdout 'LAN: ' ' refused'

sed -i 's|<export_limit_w>0</export_limit_w>|&<quirk kind="lan_overload"/>|' served.xml
serve_lan served.xml
/usr/bin/python3 "$here/lan_clients.py" --lan "$port" --overload >clients.out 2>&1 ||
  { cat clients.out; fail "the overload is not as its quirk says"; }
stop
