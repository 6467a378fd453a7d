# A broken file: every fault on stderr with file and line, exit 2, nothing written, the good file beside it not run.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 5 "$holding"
scenario wrong_names 5 '<never signal="site.load_w" abvoe="5"/>
    <nevr signal="site.load_w" above="5"/>'
scenario wrong_signals 5 '<never signal="site.laod_w" above="5"/>
    <never signal="et9.pv_w" above="5"/>'

expect_exit 2 run good.xml wrong_names.xml --results out --junit junit.xml
expect_in stderr 'wrong_names.xml:7:' 'abvoe' 'wrong_names.xml:8:' 'nevr'
[ ! -e out ] && [ ! -e junit.xml ] || fail "something was written"

# Signals are known to the bench only, and still nothing runs.
expect_exit 2 run good.xml wrong_signals.xml --results out
expect_in stderr 'wrong_signals.xml:7:' '"site.laod_w" is unknown; known: site.load_w' 'wrong_signals.xml:8:' 'et9.pv_w'
[ ! -e out ] || fail "something was written"

# An unknown signal hides no wrong unit, line or register of another check; neither is told twice.
scenario wrong_both 5 '<never signal="site.laod_w" above="5"/>
    <fresh write="et1.no_such_register" age_below_s="5"/>
    <bus line="com1" unit="meter" unanswered_at_most="0"/>'
expect_exit 2 check wrong_both.xml
expect_in stderr 'wrong_both.xml:7:' 'wrong_both.xml:8:' 'no_such_register' 'wrong_both.xml:9:'
[ "$(grep -c 'wrong_both.xml:7:' stderr)" = 1 ] || fail "the unknown signal is told twice"

# What is no file says what it is.
expect_exit 2 check /dev/null
expect_in stderr '/dev/null: is a device, must be an XML file'
expect_exit 2 check missing.xml
expect_in stderr 'missing.xml: does not exist'

expect_exit 2 check good.xml wrong_names.xml wrong_signals.xml
expect_in stderr 'wrong_names.xml:7:' 'wrong_signals.xml:7:'
expect_exit 0 check good.xml
expect_in stdout 'good.xml'

# A misspelt root element in a folder is a mistake, not a file to pass over.
mkdir misspelt && cp good.xml misspelt && printf '<?xml version="1.0"?>\n  <scenaro/>\n' >misspelt/typo.xml
expect_exit 2 check misspelt
expect_in stderr 'misspelt/typo.xml:2:3: root element is <scenaro>, must be scenario, site, catalog or register_map'

# Two scenarios of one name would share a results folder.
mkdir other && cp good.xml other/again.xml
expect_exit 2 run good.xml other --results out
expect_in stderr 'again.xml' 'good.xml' '"good"'
[ ! -e out ] || fail "something was written"

# A folder of sites or of register maps: each of them is checked; and so are those beside scenarios.
expect_exit 0 check "$source_dir/scenarios/sites" "$source_dir/scenarios/registers"
expect_in stdout "sites/solax_four_a1_240v.xml" "sites/goodwe_ten_et_400v.xml" "registers/solax_g4.xml"
mkdir own_sites && sed 's/bus="pole"/bsu="pole"/' "$source_dir/scenarios/sites/solax_four_a1_240v.xml" >own_sites/home.xml
expect_exit 2 check own_sites
expect_in stderr 'own_sites/home.xml:' 'unknown attribute bsu'
cp good.xml own_sites
expect_exit 2 check own_sites
expect_in stderr 'own_sites/home.xml:' 'unknown attribute bsu'
