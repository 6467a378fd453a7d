#!/usr/bin/env bash
# Ten inverters on three lines and the meter, against hilcontroller on pseudo-terminals, in real time: how well does the bench
# keep it? usage: long_run.sh HILBENCH SOURCE HILCONTROLLER [SECONDS [FOLDER [PROBE PROCESSOR]]]; 3600 s unless told otherwise, 20 s
# at least. With PROBE, the path of processor_probe, the bench stays on that processor and the probe beside it: it keeps the processor
# awake and tells what a host takes of it. Exit code: that of attach, or 1 when the bench was worse than it should be and the machine
# is not why.
set -u
hilbench=$1 source_dir=$2 hilcontroller=$3 seconds=${4:-3600} folder=${5:-long_run} probe=${6:-} processor=${7:-0}
export HILBENCH_LIBRARY=$source_dir/scenarios
mkdir -p "$folder" || exit 2
# A shorter one has no time for the heater.
edit="s/duration_s=\"3600\"/duration_s=\"$seconds\"/"
[ "$seconds" -ge 3600 ] || edit="$edit; /timeline>/d; /<every /d"
sed "$edit" "$source_dir/scenarios/goodwe/hours/ten_inverters_an_hour.xml" >"$folder/ten_inverters_an_hour.xml"
cat >"$folder/site.json" <<'JSON'
{
  "com1": {"addresses": [11, 12, 13, 14]},
  "com2": {"addresses": [15, 16, 17]},
  "com3": {"addresses": [18, 19, 20]},
  "meter": {"address": 1},
  "export_limit_w": 0,
  "total_capacity_w": 100000,
  "ct_ratio": 50
}
JSON
cd "$folder" || exit 2
on_processor=
if [ -n "$probe" ]; then
  on_processor="taskset -c $processor"
  $on_processor "$probe" "$PWD/probe.json" &
  probing=$!
fi
$on_processor "$hilbench" attach ten_inverters_an_hour.xml --com1 pty:com1 --com2 pty:com2 --com3 pty:com3 --meter pty:com4 \
  --late-limit-ms "${LATE_LIMIT_MS:-50}" --results results >attach.log 2>&1 &
bench=$!
trap 'kill -INT $bench 2>/dev/null; kill ${controller:-$bench} ${probing:-} 2>/dev/null' EXIT
for _ in $(seq 200); do
  [ -e com4 ] && break
  sleep 0.1
done
# A controller has a processor of its own; here it has real-time scheduling where that is granted.
chrt -f 5 true 2>/dev/null && own="chrt -f 5"
${own:-} "$hilcontroller" --com1 com1 --com2 com2 --com3 com3 --meter com4 --settings site.json --socket "$PWD/status" >controller.log 2>&1 &
controller=$!
wait $bench
code=$?
[ -z "$probe" ] || { kill "$probing" && wait "$probing"; }
tail -n 12 attach.log
/usr/bin/python3 "$source_dir/tests/paced/judge_pace.py" results/ten_inverters_an_hour/run.json ${probe:+probe.json} || exit 1
exit $code
