# Every requirement for the bench is proven by a check of the library, or stands open with a reason; none is both.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 0 list --requirements
expect_in stdout 'S003-18' 'grid.export_w never above 200 W' 'scenarios/goodwe/' 'open: ' 'rule S007 of the reader: a backup port' '4 cases of ' 'requirements for the bench: '
[ ! -s stderr ] || fail "something is wrong with the requirements"
# What neither a check nor a reason speaks of is missed: S003-17 without the scenarios that prove it.
mkdir own
for part in catalog registers sites requirements.csv requirements_rules.csv; do
  ln -s "$source_dir/scenarios/$part" own/
done
cp -r "$source_dir/scenarios/plant" own/
head -1 "$source_dir/scenarios/requirements_open.csv" >own/requirements_open.csv
expect_exit 1 list --requirements --library own
expect_in stderr 'S003-17 (values in kW): no check proves it, and it is not open'
# Of one scenario only what its checks name, whether a table has it or not.
scenario good 5 '<never signal="site.load_w" above="1000000" requirement="S003-18 1547.1-volt_var"/>'
expect_exit 0 list --requirements good.xml
expect_in stdout 'S003-18' 'good.xml:7' '1547.1-volt_var' '2 requirements named by the checks of 1 scenario'
grep -qE 'S003-17|S000-|open: ' stdout && fail "more than the scenario names"
[ ! -s stderr ] || fail "something is wrong with a part"
# An id that its table does not have is refused before anything runs, with the nearest.
scenario wrong 5 '<never signal="site.load_w" above="1000000" requirement="S003-99"/>'
expect_exit 2 check wrong.xml
expect_in stderr 'wrong.xml:7:' 'requirement has S003-99, which is not among the ' 'nearest: S003-' 'list --requirements has them all'
expect_exit 2 list --requirements --faults
