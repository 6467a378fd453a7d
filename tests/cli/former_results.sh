# A folder of a former run is replaced, a folder of somebody's own is not touched.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 5 "$holding"
mkdir -p results/good && echo mine >results/good/thesis.txt
expect_exit 2 run good.xml
expect_in stderr 'results/good: holds neither run.json nor trace.csv'
[ "$(ls results/good)" = thesis.txt ] || fail "the folder was touched"
rm -r results
expect_exit 0 run good.xml
echo stale >results/good/run.json
echo note >results/good/notes.txt
expect_exit 0 run good.xml
expect_in results/good/run.json '"verdict": "pass"'
[ -e results/good/notes.txt ] || fail "a note was removed"
