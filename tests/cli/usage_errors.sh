# Wrong usage is exit 2 and says what is known; nothing is written.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 2
expect_in stderr 'a command is missing, known: run, check, explain'
expect_exit 2 probe --lan 127.0.0.1:1234 set-limt 7.25
expect_in stderr 'probe: unknown command set-limt, known: ' 'set-limit'
expect_exit 2 probe --lan 127.0.0.1:1234
expect_in stderr 'probe: a command is missing, known: ' 'telemetry'
expect_exit 2 rnu
expect_in stderr 'unknown command rnu, known: run, check, explain, new, list'
expect_exit 2 run
expect_exit 2 run --sede 3 x.xml
expect_exit 2 run missing.xml
expect_in stderr 'missing.xml: does not exist'
# On a file that is good, so that the option alone is what is wrong.
scenario good 5 "$holding"
expect_exit 2 run good.xml --jobs 0
expect_in stderr '--jobs'
for seed in minus_one -1 1.5 18446744073709551616; do
  expect_exit 2 run good.xml --seed "$seed"
  expect_in stderr "$seed is no seed, must be 0 to 2^64-1"
done
expect_exit 2 run good.xml --results /proc/nope
expect_in stderr '/proc/nope: cannot be created'
[ ! -s stdout ] && [ "$(wc -l <stderr)" -eq 1 ] || fail "more than one message"
expect_exit 2 run good.xml --junit missing/junit.xml
expect_in stderr 'missing/junit.xml: its folder missing does not exist'
expect_exit 2 run good.xml --library nowhere
expect_exit 2 list
expect_exit 2 list --faults --signals x.xml
# A controller with nothing entered is nobody else's set-up.
sed -e 's|name="good"|name="delivered"|' -e 's|<controller .*</controller>|<controller kind="sec1000"><as_delivered/></controller>|' good.xml >delivered.xml
expect_exit 0 check delivered.xml
expect_exit 2 parity delivered.xml --controller /bin/true
expect_in stderr 'delivered.xml: nothing is entered in its controller'
mkdir empty
expect_exit 2 run empty
expect_in stderr 'empty: holds no *.xml whose root element is <scenario>'
[ ! -e results ] || fail "results were written"
