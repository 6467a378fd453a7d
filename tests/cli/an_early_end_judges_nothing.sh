# A run that ends early leaves open what more time could have brought, and judges what it could not.
source "$(dirname "$0")/expectations.sh" "$@"
cat >early.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<scenario schema="1" name="early" duration_s="34" seed="7">
  <purpose>Does an early end leave open what was to come?</purpose>
  <site extends="sites/goodwe_two_et_400v.xml"/>
  <controller kind="sec1000"><export_limit_w>0</export_limit_w></controller>
  <timeline>
    <at time_s="8"><switch load="heater" on="true"/><mark name="heater_on"/></at>
    <at time_s="21"><switch load="heater" on="false"/></at>
  </timeline>
  <expect>
    <energy signal="site.load_w" at_least_wh="20" at_most_wh="60"/>
    <count event="switch" subject="heater" at_least="2" at_most="2"/>
    <eventually signal="site.load_w" below="1000" after="heater_on"/>
    <never signal="grid.import_w" above="100000"/>
  </expect>
</scenario>
XML
expect_exit 0 run early.xml --results whole
# ends_at_12_s CODE FOLDER: the same in real time, but faster, until 12 s.
ends_at_12_s() {
  expect_exit "$1" attach early.xml --controller in-process --lan 127.0.0.1:0 --speed 20 --late-limit-ms 60000 --until 12 --results "$2"
}
ends_at_12_s 5 early
[ "$(grep -c '^  untested ' stdout)" = 3 ] || fail "three checks were to be left open"
grep -q '^  BROKEN ' stdout && fail "something was broken by the early end"
grep -qE '^  holds .*grid.import_w never above' stdout || fail "what was seen was not judged"
# What is broken already stays so.
sed -i 's/above="100000"/above="-100000"/' early.xml
ends_at_12_s 1 broken
