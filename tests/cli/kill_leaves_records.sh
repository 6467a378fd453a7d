# Killed at twenty moments of a run, each fourth time with its runner: what was recorded is there and can be read each
# time. A disk that is full: an error that says so, and an end.
source "$(dirname "$0")/expectations.sh" "$@"
scenario long 8640000 "$holding"
sed -i 's/<scenario /<scenario capture="true" /' long.xml

moments=$(awk 'BEGIN { srand(20); for (i = 0; i < 20; ++i) printf "%.3f ", 0.05 + 0.6 * rand() }')
# Its frames as an independent reader sees them; a packet that was cut short is a fault.
read_capture() {
  command -v tshark >/dev/null || return 0
  tshark -r "$1" >frames 2>tshark.log || { cat tshark.log; fail "killed after $moment s: $1 cannot be read"; }
  grep -q 'cut short' tshark.log && fail "killed after $moment s: a packet was cut"
  frames=$(wc -l <frames)
  [ "$frames" -gt "$most_frames" ] && most_frames=$frames
  return 0
}

longest=0
most_frames=0
round=0
for moment in $moments; do
  "$hilbench" run long.xml --results killed >stdout 2>stderr &
  bench=$!
  for _ in $(seq 200); do
    [ -e killed/long/trace.csv ] && [ -s killed/long/events.csv ] && break
    sleep 0.02
  done
  sleep "$moment"
  children=$(cat "/proc/$bench/task/$bench/children")
  if [ $((++round % 4)) -eq 0 ]; then
    kill -KILL $bench  # nobody is left to write a verdict; the case ends with its runner
    wait $bench 2>/dev/null
    for _ in $(seq 200); do
      ps -o stat= -p $children | grep -qv '^Z' || break
      sleep 0.02
    done
    ps -o stat= -p $children | grep -qv '^Z' && fail "killed after $moment s: the case outlives its runner"
  else
    kill -KILL $children
    wait $bench
    [ $? -eq 3 ] || fail "killed after $moment s: no error verdict"
    expect_in killed/long/run.json '"verdict": "error"' 'signal 9'
  fi
  read_capture killed/long/captures/com1.pcapng
  # Whole rows, but for the one that the kill may have cut.
  rows=$(awk -F, 'NR == 1 { fields = NF; next } { if (cut) exit 1; cut = NF != fields || $1 <= last; last = $1; ++rows }
    END { if (cut) --rows; print rows + 0 }' killed/long/trace.csv) || fail "killed after $moment s: a broken row"
  head -1 killed/long/events.csv | grep -q '^time_s,kind,subject,text$' || fail "killed after $moment s: events.csv is broken"
  [ "${rows:-0}" -gt "$longest" ] && longest=$rows
  rm -rf killed
done
[ "$longest" -gt 100 ] || fail "at most $longest rows were there"
echo "at most $longest rows were there"
if command -v tshark >/dev/null; then
  [ "$most_frames" -gt 100 ] || fail "at most $most_frames frames were there"
  echo "at most $most_frames frames were there"
fi

# A file must not grow beyond 1 MB, as on a disk that is full: 64 KiB more of the trace cannot be written.
sed -i 's/capture="true" //' long.xml
begun=$SECONDS
(ulimit -f 1000 && exec timeout 60 "$hilbench" run long.xml --results full >stdout 2>stderr)
code=$?
[ "$code" -eq 3 ] || fail "ended with $code, expected 3"
[ $((SECONDS - begun)) -lt 50 ] || fail "it went on without a trace"
expect_in stdout 'ERROR' 'full/long/trace.csv: File too large'
[ -s full/long/trace.csv ] || fail "nothing is left"

# A whole file system without space, where one can be had.
mkdir small
if mount -t tmpfs -o size=600k none small 2>/dev/null; then
  trap 'umount "$work/small"; rm -rf "$work"' EXIT
  timeout 60 "$hilbench" run long.xml --results small/results >stdout 2>stderr
  code=$?
  [ "$code" -eq 3 ] || fail "ended with $code on a full disk, expected 3"
  expect_in stdout 'ERROR' 'No space left on device'
fi
exit 0
