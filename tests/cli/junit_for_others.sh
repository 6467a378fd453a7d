# The JUnit file of a run in all its outcomes, as others read it: against the documented form, by junitparser.
source "$(dirname "$0")/expectations.sh" "$@"
here=$(dirname "$0")
scenario good 5 "$holding"
scenario bad 5 "$breaking
    <bus line=\"com1\" poll_period_below_s=\"0.01\"/>
    $breaking"
scenario silent 5 "$holding"
sed -i 's|  <expect>|  <timeline><when signal="site.load_w" above="1e6"><mark name="never"/></when></timeline>\n&|' silent.xml
scenario slow 8640000 "$holding"
expect_exit 3 run good.xml bad.xml silent.xml slow.xml --results out --timeout 10 --junit junit.xml
xmllint --noout --schema "$here/junit.xsd" junit.xml out/*/junit.xml 2>stderr || fail "not of the documented form"
/usr/bin/python3 "$here/read_junit.py" junit.xml >stdout 2>stderr || fail "read_junit.py"
# Four runs and six checks; a case each. The slow one's check was not judged.
expect_in stdout 'junitparser: 10 tests 3 failures 1 errors 2 skipped' \
  'failure bad: site.load_w never above 1 W: margin' 'failure bad: site.load_w never above 1 W (2): margin' \
  'bad.xml:7:1: site.load_w never above 1 W' 'error slow: run:' 'on the bus around that instant:'
