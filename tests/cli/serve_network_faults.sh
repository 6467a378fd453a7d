# Every fault of the network as a real client sees it, and the captures of what went over lines and sockets.
source "$(dirname "$0")/expectations.sh" "$@"
here=$source_dir/tests/cli

# One after the other on each device, 3 s each; the first when the clients are up.
actions=
turn() {
  local target=$1 at=4 fault
  shift
  for fault in "$@"; do
    actions+="<at time_s=\"$at\"><fault target=\"$target\" for_s=\"3\" kind=$fault/></at>"$'\n'
    at=$((at + 4))
  done
}
turn et1 '"tcp_refused"' '"tcp_reset"' '"tcp_stall"' '"tcp_half_open"' '"tcp_delay" delay_s="0.3"' \
  '"tcp_jitter" up_to_s="0.3"'
turn et2 '"tcp_split" bytes="8" pause_s="0.01"' '"tcp_merged" wait_s="2"' '"tcp_wrong_length"' '"tcp_wrong_transaction"' \
  '"tcp_wrong_protocol"' '"tcp_wrong_unit" address="9"' '"tcp_reset" when="at_once"'
turn et1 '"dongle_silent"' '"udp_request_dropped"' '"udp_reply_dropped"' '"udp_delay" delay_s="0.3"' \
  '"udp_jitter" up_to_s="0.3"' '"udp_late"'
turn et2 '"udp_duplicated"' '"udp_doubled"' '"udp_truncated" bytes="42"' '"udp_split"' '"udp_merged" wait_s="2"'
scenario troubled 600 "$holding"
sed -i "s|^  <expect>|  <timeline>${actions//$'\n'/\\n}</timeline>\n  <expect>|" troubled.xml
expect_exit 0 check troubled.xml

server=
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
# serve_with OPTIONS...: in the background, until it says where it listens.
serve_with() {
  "$hilbench" serve "$@" --tcp et1=127.0.0.1:0 --tcp et2=127.0.0.1:0 --udp et1=127.0.0.1:0 --udp et2=127.0.0.1:0 \
    --discovery 127.0.0.1:0 --for 90 >stdout 2>stderr &
  server=$!
  for _ in $(seq 100); do
    grep -q discovery stdout && return
    sleep 0.1
  done
  fail "serve does not say where it listens"
}
port_of() { sed -n "s/^ *$1 .*127\.0\.0\.1:\([0-9]*\).*/\1/p" stdout; }

serve_with troubled.xml --capture captured
expect_in stdout 'unit 1 or 247, replies after 0.12 s'
tcp1=$(port_of 'et1 *Modbus TCP')
tcp2=$(port_of 'et2 *Modbus TCP')
udp1=$(port_of 'et1 *dongle UDP')
/usr/bin/python3 "$here/network_faults.py" --log stdout --tcp1 "$tcp1" --tcp2 "$tcp2" --udp1 "$udp1" \
  --udp2 "$(port_of 'et2 *dongle UDP')" --discovery "$(port_of 'dongles *discovery')" >clients.out 2>&1 ||
  { cat clients.out; fail "a client saw something else"; }
kill -INT $server
wait $server
[ $? -eq 0 ] || fail "serve did not end well on Ctrl-C"

for file in com1 com4 et1_tcp et2_tcp et1_udp et2_udp; do
  [ -s "captured/$file.pcapng" ] && [ -s "captured/$file.txt" ] || fail "captured/$file is missing"
done
expect_in captured/com1.txt 'request unit 1: read holding registers'
expect_in captured/et1_tcp.txt 'fault of et1: tcp_stall begins' ' opened' ' reset' 'closed by the client' \
  'unit 247: read holding registers 35000 x1' 'unit 247: read holding registers 2; delay' 'registers 2; stall'
expect_in captured/et2_tcp.txt '8 bytes:' '3 bytes:' '; split' '; wrong_length' '; wrong_transaction' '; wrong_protocol' \
  'unit 9: ' '; wrong_unit' '; merged'
expect_in captured/et1_udp.txt 'silent of 127.0.0.1' 'request_dropped of 127.0.0.1' 'reply_dropped of 127.0.0.1' \
  'unit 247: write register 45245 = 1111; crc ok' '; late' '; jitter'
expect_in captured/et2_udp.txt '; duplicated' '; doubled' '42 bytes:' '; crc bad; truncated' '; split' '; merged'
grep -q ' fault of .*: \(tcp\|udp\|dongle\)_' captured/com1.txt && fail "a fault of the network in a line's capture"

# A decoder that is not ours.
command -v tshark >/dev/null || { echo "tshark is not installed: not compared with it"; exit 77; }
decode() {
  local file=$1
  shift
  tshark -r "$file" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE "$@" 2>tshark.log
}
nothing() {
  local what=$1
  shift
  decode "$@" >found
  [ ! -s found ] || { head -3 found; fail "tshark finds $what"; }
}
for file in et1_tcp et2_tcp et1_udp et2_udp; do
  nothing "a bad checksum in $file" captured/$file.pcapng \
    -Y 'ip.checksum.status == "Bad" or tcp.checksum.status == "Bad" or udp.checksum.status == "Bad"'
  nothing "segments missing or out of order in $file" captured/$file.pcapng -Y 'tcp.analysis.flags and not tcp.analysis.reused_ports'
done
as_modbus1=(-d "tcp.port==$tcp1,mbtcp" -o "mbtcp.tcp.port:$tcp1")
as_modbus2=(-d "tcp.port==$tcp2,mbtcp" -o "mbtcp.tcp.port:$tcp2")
nothing "malformed packets" captured/et1_tcp.pcapng "${as_modbus1[@]}" -Y '_ws.malformed or (tcp.analysis.flags and not tcp.analysis.reused_ports)'
decode captured/et1_tcp.pcapng "${as_modbus1[@]}" -Y mbtcp >frames
[ "$(grep -c 'Response: Trans' frames)" -ge 10 ] || fail "tshark decodes few replies"
[ "$(grep -c 'Query: Trans' frames)" -ge 10 ] || fail "tshark decodes few requests"
decode captured/et1_tcp.pcapng -T fields -e frame.comment | grep -q 'fault of et1: tcp_half_open begins' ||
  fail "a fault is no comment"
# A reply in ten segments is put together, and each says what it is.
decode captured/et2_tcp.pcapng "${as_modbus2[@]}" -Y 'mbtcp and tcp.segment.count == 10' -T fields -e frame.comment \
  >found
grep -q '^split$' found || fail "tshark does not put the pieces of a reply together"
decode captured/et2_tcp.pcapng -q -z follow,tcp,raw,0 | grep -q '000100000006f70388b80021' || fail "tshark follows no stream"
decode captured/et1_udp.pcapng -Y "udp.dstport == $udp1" >found
[ "$(wc -l <found)" -ge 10 ] || fail "tshark reads few datagrams"
decode captured/et1_udp.pcapng -d "udp.port==$udp1,mbrtu" -o mbrtu.crc_verification:TRUE \
  -Y "udp.dstport == $udp1 and mbrtu.crc16.status == 1" >found
[ "$(wc -l <found)" -ge 10 ] || fail "tshark decodes few requests to the dongle"
decode captured/et2_udp.pcapng -Y 'frame.packet_flags_crc_error==1' -T fields -e frame.comment | grep -q 'truncated, crc bad$' ||
  fail "tshark finds no datagram with a bad CRC by its flag"

# What a kill leaves is whole packets; a second's worth at most is missing.
serve_with troubled.xml --capture killed
/usr/bin/python3 - "$(port_of 'et2 *Modbus TCP')" <<'PYTHON' || fail "no answer"
import socket, sys
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
for number in range(200):
    client.sendall(number.to_bytes(2, "big") + bytes([0, 0, 0, 6, 247, 3]) + (35100).to_bytes(2, "big") + bytes([0, 125]))
    got = 0
    while got < 259:
        got += len(client.recv(4096))
PYTHON
sleep 2.5
kill -9 $server
wait $server 2>/dev/null
decode killed/et2_tcp.pcapng >found
grep -q 'cut short' tshark.log && fail "a packet was cut"
[ "$(wc -l <found)" -ge 400 ] || fail "little is left"

# An address that somebody took while it refused connections, and has to the end: an error of the run, all captured.
scenario taken 600 "$holding"
actions='<at time_s="1"><fault kind="dongle_link_lost" target="et1"/><fault kind="dsp_link_lost" target="et1"/></at>'
actions+='<at time_s="2"><fault kind="tcp_refused" target="et1" for_s="3"/></at>'
sed -i "s|^  <expect>|  <timeline>$actions</timeline>\n&|" taken.xml
serve_with taken.xml --capture taken
/usr/bin/python3 - "$(port_of 'et1 *Modbus TCP')" $server <<'PYTHON' || fail "the address was not to be had"
import os, signal, socket, sys, time
end = time.monotonic() + 20
taker = socket.socket()
while True:
    try:
        taker.bind(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        assert time.monotonic() < end
        time.sleep(0.02)
taker.listen()
while "tcp_refused ends" not in open("stdout").read():
    assert time.monotonic() < end
    time.sleep(0.1)
time.sleep(1)
os.kill(int(sys.argv[2]), signal.SIGINT)
time.sleep(2)
PYTHON
wait $server
[ $? -eq 3 ] || fail "serve did not end with an error"
expect_in stderr 'TCP 127.0.0.1:' 'Address already in use'
expect_in stdout ' datagrams; '
expect_in taken/et1_tcp.txt 'fault of et1: tcp_refused ends' 'fault of et1: dongle_link_lost (code 11) begins' \
  'fault of et1: dsp_link_lost (code 4) begins'
expect_in taken/et1_udp.txt 'fault of et1: dongle_link_lost (code 11) begins' 'fault of et1: dsp_link_lost (code 4) begins'
expect_in taken/com1.txt 'fault of et1: dsp_link_lost (code 4) begins'
grep -q 'dongle_link_lost' taken/com?.txt && fail "a fault of the dongle in a line's capture"

echo precious >file
expect_exit 2 serve troubled.xml --tcp et1=127.0.0.1:0 --capture file --for 1
[ "$(cat file)" = precious ] || fail "the file was overwritten"
exit 0
