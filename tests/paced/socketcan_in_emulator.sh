# SocketCAN as the far side of the simulated CAN, on a kernel that has it: Debian's, in QEMU, with a vcan interface, candump and
# cansend. usage: socketcan_in_emulator.sh HILBENCH SOURCE KERNEL [FACTOR]. KERNEL is a folder into which a linux-image package was unpacked
# (apt-get download linux-image-...; dpkg -x PACKAGE KERNEL). FACTOR is that of serve, 0.2 without it: emulation is slow. By hand;
# needs qemu-system-x86 can-utils busybox-static cpio iproute2. Prints what the emulated machine prints, and ends with 0 when all held.
set -eu
hilbench=$(realpath "$1")
source_dir=$(realpath "$2")
kernel=$(realpath "$3")
factor=${4:-0.2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,proc,sys,dev,tmp,modules,usr/bin,usr/sbin,work}

cp "$(command -v busybox)" "$root/bin/busybox"
for program in "$hilbench" $(command -v candump cansend tc); do
  cp "$program" "$root/usr/bin/"
  ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -Lu "$library" "$root$library"
  done
done
command -v strip >/dev/null && strip "$root/usr/bin/hilbench"
for module in net/can/can net/can/can-raw drivers/net/can/dev/can-dev drivers/net/can/vcan net/sched/sch_tbf; do
  cp "$kernel"/lib/modules/*/kernel/$module.ko "$root/modules/"
done
cp -r "$source_dir/scenarios" "$root/scenarios"

cat >"$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/usr/bin:/usr/sbin:/bin HOME=/tmp HILBENCH_LIBRARY=/scenarios
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
cd /work
ip link set lo up
scenario=/scenarios/solax/share_heater_step.xml
failed=0
# holds TEXT FILE
holds() { if grep -qF -- "$1" "$2"; then echo "ok: $1"; else echo "NOT OK, $2 does not hold: $1"; failed=1; fi; }
# refused TEXT INTERFACE
refused() {
  hilbench serve $scenario --can "$2" --for 1 >out 2>err
  [ $? -eq 2 ] || { echo "NOT OK: exit code of --can $2"; failed=1; }
  cat err
  holds "$1" err
}
echo "== $(uname -sr): what cannot be opened"
refused 'this kernel has no CAN sockets' vcan0
insmod /modules/can.ko
insmod /modules/can-raw.ko
insmod /modules/can-dev.ko
insmod /modules/vcan.ko
refused 'does not exist, must be a CAN interface that is up; there are: none' vcan0
ip link add vcan0 type vcan
ip link add vcan1 type vcan
refused 'does not exist, must be a CAN interface that is up; there are: vcan0, vcan1' vcan7
refused 'is none of CAN' lo
refused 'is down, must be up' vcan0

echo "== serve"
ip link set vcan0 up
candump -D -ta -e vcan0 >dump &
candump=$!
hilbench serve $scenario --can vcan0 --factor FACTOR --for 60 --capture captures >served 2>&1 &
server=$!
until grep -q 'can .*vcan0' served || ! kill -0 $server; do sleep 0.2; done
sleep 10
echo "-- a base frame, a remote one, an error frame, then what a second primary would say of itself"
cansend vcan0 123#DEADBEEF
cansend vcan0 124#R
cansend vcan0 20000040#0000000000000000
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  cansend vcan0 18600009#00010102004C0203
  sleep 0.5
done
echo "-- the interface goes down and comes up again"
ip link set vcan0 down
sleep 8
ip link set vcan0 up
wait $server
echo "serve ended with $?"
cat served
echo "-- candump, the first 12 and then those not of the bench"
kill $candump
head -12 dump
grep -E ' (123|124|20000040|18600009) ' dump | head -6
echo "-- capture of the bus"
head -5 captures/*_can.txt
grep vcan0 captures/*_can.txt | head -6
grep -c . captures/*_can.txt
sent=$(sed -n 's/^CAN at vcan0: \([0-9]*\) frames sent.*/\1/p' served)
seen=$(grep -c -E ' 18[4-6][0-9A-F]{5} ' dump)
own=$(grep -c -E ' 18600009 ' dump)
echo "serve has sent $sent, candump has $((seen - own)) of them"
holds '500 kbit/s: a1, a2, a3, a4' served
holds 'vcan0 error frame: bus-off' served
holds 'vcan0 is gone (Network is down)' served
holds 'vcan0 is there again' served
holds 'parallel.configuration_fault' served
holds '1 error frames' served
holds 'vcan0 sends 123 [4] DE AD BE EF' captures/*_can.txt
holds 'vcan0 sends 124 [0] remote' captures/*_can.txt
[ "$sent" -eq $((seen - own)) ] || { echo "NOT OK: candump has another number of frames"; failed=1; }

echo "== a queue that takes 1 kbit/s"
insmod /modules/sch_tbf.ko
/usr/bin/tc qdisc add dev vcan0 root tbf rate 1kbit burst 64 limit 64
hilbench serve $scenario --can vcan0 --factor FACTOR --for 15 >served 2>&1
cat served
holds 'its queue is full: frames are lost, and counted' served
/usr/bin/tc qdisc del dev vcan0 root

echo "== attach begins with the first frame on the bus"
hilbench attach $scenario --can vcan0 --speed FACTOR --until 3 --late-limit-ms 5000 --capture >attached 2>&1 &
attached=$!
until grep -q 'waiting' attached || ! kill -0 $attached; do sleep 0.2; done
ip link set vcan0 down
sleep 2
ip link set vcan0 up
sleep 2
cansend vcan0 123#01
wait $attached
echo "attach ended with $?"
cat attached
grep -o '"CAN at vcan0[^"]*"' results/share_heater_step/run.json
holds 'vcan0 is there again' attached
holds 'CAN at vcan0: ' results/share_heater_step/run.json
holds 'vcan0 sends 123 [1] 01' results/share_heater_step/captures/*_can.txt
[ $failed -eq 0 ] && echo "ALL HELD"
poweroff -f
INIT
sed -i "s/FACTOR/$factor/g" "$root/init"
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$work/initramfs"
timeout 1800 qemu-system-x86_64 -accel tcg -m 1024 -nographic -no-reboot -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/initramfs" \
  -append 'console=ttyS0 quiet panic=-1' </dev/null | sed -u 's/\r$//' | tee "$work/log"
grep -q '^ALL HELD' "$work/log"
