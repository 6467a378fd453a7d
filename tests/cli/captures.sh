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
expect_in $text '5.000000 com1 fault of et1: wrong_crc begins' 'com1 request unit 1: read holding registers ' 'com1 reply   unit 1: read holding registers ' \
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
  text=frames.txt
  grep -v ' fault of ' third/troubled/captures/$line.txt >$text
  decode() {
    tshark -r "third/troubled/captures/$line.pcapng" -d rtacser.data,mbrtu -o mbrtu.crc_verification:TRUE "$@" 2>tshark.log
  }
  decode -T fields -e frame.time_epoch | sed 's/...$//' >times
  cut -d' ' -f1 $text | cmp - times || fail "$line: tshark's times are not those of the text"
  # The same frames are good to both, and tshark flags what is bad as far as it takes its length for that of a frame.
  decode -Y 'mbrtu.crc16.status == 1' -T fields -e frame.number >good
  grep -n '; crc ok' $text | cut -d: -f1 | cmp - good || fail "$line: other frames are good to tshark"
  decode -Y mbrtu.crc16.incorrect -T fields -e frame.number >bad
  [ "$line" = com4 ] || [ -s bad ] || fail "$line: tshark flags no bad checksum"
  grep -n '; crc bad' $text | cut -d: -f1 | sort | comm -13 - <(sort bad) | grep . && fail "$line: bad to tshark only"
  [ "$(decode | wc -l)" -eq "$(wc -l <$text)" ] || fail "$line: tshark reads another number of frames"
  for mark in wrong_crc noise truncated stray_byte; do
    [ "$(decode -Y "frame.comment matches \"(^|, |; )$mark(,|\$)\"" | wc -l)" -eq "$(grep -c "$mark" $text)" ] || fail "$line: comments $mark"
  done
  [ "$line" = com4 ] || [ "$(decode -Y 'frame.comment contains "fault of et1: wrong_crc begins"' | wc -l)" -eq 1 ] || fail "no begin of the fault"
  [ "$(decode -Y 'frame.packet_flags_direction == 2' | wc -l)" -eq "$(grep -c " $line request " $text)" ] || fail "$line: directions"
done

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
