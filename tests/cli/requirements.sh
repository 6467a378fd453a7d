# Every requirement for the bench is proven by a check of the library, or stands open with a reason; none is both.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 0 list --requirements
expect_in stdout 'S003-18' 'grid.export_w never above 200 W' 'scenarios/goodwe/' 'open: ' 'rule S007 of the reader: a backup port' 'requirements for the bench: '
[ ! -s stderr ] || fail "something is wrong with the requirements"
# One scenario alone does not prove them all.
scenario good 5 '<never signal="site.load_w" above="1000000" requirement="S003-99"/>'
expect_exit 1 list --requirements good.xml
expect_in stderr 'S003-18 (mode "entered value" limits export): no check proves it' 'good.xml:7:1: requirement S003-99 is unknown'
expect_exit 2 list --requirements --faults
