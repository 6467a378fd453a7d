# Frames on the wires: written when asked for, the same bytes each time, readable by people.
source "$(dirname "$0")/expectations.sh" "$@"
troubled() {
  cat >troubled.xml <<XML
<?xml version="1.0" encoding="UTF-8"?>
<scenario schema="1" name="troubled" duration_s="30" seed="7" $1>
  <purpose>Written by a test.</purpose>
  <site extends="sites/goodwe_two_et_400v.xml"/>
  <controller kind="sec1000"><export_limit_w>0</export_limit_w></controller>
  <timeline>
    <at time_s="5"><fault kind="wrong_crc" target="et1" probability="0.5" for_s="5"/></at>
    <at time_s="10"><fault kind="noise" target="com1" byte_error_rate="0.01" for_s="10"/></at>
    <at time_s="20"><fault kind="truncated" target="et2"/><fault kind="no_bias" target="com4" stray_bytes_per_s="20"/></at>
  </timeline>
  <expect>$holding</expect>
</scenario>
XML
}
troubled ''
expect_exit 0 run troubled.xml --results none
[ ! -e none/troubled/captures ] || fail "captures that nobody asked for"
expect_exit 0 run troubled.xml --results first --capture
hash=$(grep -o 'trace hash [0-9a-f]\{32\}' stdout)
troubled 'capture="true"'
expect_exit 0 run troubled.xml --results second
expect_in stdout "$hash"
for file in com1.pcapng com1.txt com4.pcapng com4.txt; do
  [ -s "first/troubled/captures/$file" ] || fail "captures/$file is missing"
  cmp "first/troubled/captures/$file" "second/troubled/captures/$file" || fail "captures/$file differ"
done
expect_exit 0 run troubled.xml --results second --seed 8
cmp -s first/troubled/captures/com1.txt second/troubled/captures/com1.txt && fail "another seed gave the same frames"
text=first/troubled/captures/com1.txt
expect_in $text '5.000000 com1 fault of et1: wrong_crc (probability 0.5) begins' 'com1 request unit 1: read holding registers ' 'com1 reply   unit 1: read holding registers ' \
  'com1 request unit 2: write registers 47509 x4 = ' '; crc ok' '; crc bad; wrong_crc' '; crc bad; noise' '; crc bad; truncated'
expect_in first/troubled/captures/com4.txt 'stray_byte'
grep -q '; crc bad$' $text && fail "a bad checksum without a reason"
# A later run without captures leaves none of this one behind.
troubled ''
expect_exit 0 run troubled.xml --results first
[ ! -e first/troubled/captures/com1.txt ] || fail "captures of a former run"

# A decoder that is not ours.
command -v tshark >/dev/null || { echo "tshark is not installed: not compared with it"; exit 77; }
expect_exit 0 run troubled.xml --results third --capture
for line in com1 com4; do
  grep -v ' fault of ' third/troubled/captures/$line.txt >frames.txt
  tshark -r "third/troubled/captures/$line.pcapng" -d rtacser.data,mbrtu -o mbrtu.crc_verification:TRUE -T fields \
    -e frame.time_epoch -e frame.packet_flags_direction -e mbrtu.crc16.status -e frame.comment >decoded 2>tshark.log
  [ "$(wc -l <decoded)" -eq "$(wc -l <frames.txt)" ] || fail "$line: tshark reads another number of frames"
  # Time, direction, checksum and marks of each frame. tshark calls no checksum good or bad in what has not the length of a frame;
  # a stray 00 behind a good frame leaves the checksum of both together good.
  paste decoded frames.txt | awk -F'\t' '
    { split($5, word, " "); time = substr($1, 1, length($1) - 3)
      good = $5 ~ /; crc ok/; marks = $5; if (!sub(/.*; crc (ok|bad); /, "", marks)) marks = ""
      comment = $4; sub(/^fault of .*; /, "", comment); if (comment ~ /^fault of /) { comment = ""; ++begins }
      flagged += $3 == "0"
      if (time != word[1] || ($2 == "0x00000002") != (word[3] == "request") || (($3 == "1") != good && !(good && marks ~ /stray_byte/)) || comment != marks) {
        print; bad = 1 } }
    END { if (begins + 0 == 0) print "no fault begins"; exit bad || begins + 0 == 0 || (line == "com1" && flagged == 0) }' line=$line \
    >differences || { head -3 differences; fail "$line: tshark and the text differ"; }
done

# The CAN between inverters: each frame with its sender, each packet a line.
expect_exit 0 run "$source_dir/scenarios/solax/contacts/can_pair_cut_at_a2.xml" --case can_pair_cut_at_a2@pin=3 --results can --capture
can=$(echo can/*/captures/*_can.txt)
expect_in "$can" '_can a1 sends 18600000 [8] ' '_can a2 sends 18600001 [8] ' 'fault of a2: plug_open'
tshark -r "${can%.txt}.pcapng" -T fields -e frame.time_epoch -e can.id -e frame.comment >decoded 2>tshark.log
grep -E ' (sends|fails with) ' "$can" | awk '{ printf "%s %s\n", $1, $3 }' >frames.txt
awk -F'\t' '{ sub(/.*; /, "", $3); sub(/:.*/, "", $3); printf "%s %s\n", substr($1, 1, length($1) - 3), $3 }' decoded >read
cmp read frames.txt || fail "CAN: tshark and the text differ"
[ "$(cut -f2 decoded | grep -cx $((0x18600000)))" -eq "$(grep -c ' sends 18600000 ' "$can")" ] ||
  fail "CAN: tshark reads another number of heartbeats of the first inverter"

# What a kill leaves is whole packets.
sed 's/duration_s="30"/duration_s="2000000"/; s/name="troubled"/name="killed"/' troubled.xml >killed.xml
"$hilbench" run killed.xml --results fourth --capture >stdout 2>stderr &
runner=$!
for _ in $(seq 100); do
  sleep 0.1
  [ "$(stat -c %s fourth/killed/captures/com1.pcapng 2>/dev/null || echo 0)" -gt 200000 ] && break
done
kill -9 $runner
wait $runner 2>/dev/null
sleep 0.2
for line in com1 com4; do
  tshark -r "fourth/killed/captures/$line.pcapng" >read 2>tshark.log
  grep -q 'cut short' tshark.log && fail "$line: a packet was cut"
  [ "$(wc -l <read)" -gt 500 ] || fail "$line: little is left"
done
exit 0
