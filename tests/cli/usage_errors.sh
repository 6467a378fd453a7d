# Wrong usage is exit 2 and says what is known; nothing is written.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 2
expect_exit 2 rnu
expect_exit 2 run
expect_exit 2 run --sede 3 x.xml
expect_exit 2 run missing.xml
expect_in stderr 'missing.xml: does not exist'
expect_exit 2 run x.xml --jobs 0
expect_exit 2 run x.xml --seed minus_one
expect_exit 2 run x.xml --library nowhere
expect_exit 2 list
expect_exit 2 list --faults --signals x.xml
mkdir empty
expect_exit 2 run empty
expect_in stderr 'empty: holds no *.xml whose root element is <scenario>'
[ ! -e results ] || fail "results were written"
