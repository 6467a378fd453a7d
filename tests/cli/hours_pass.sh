# Scenarios of some hours of virtual time: batteries that fill and empty together.
source "$(dirname "$0")/expectations.sh" "$@"
expect_exit 0 run "$source_dir/scenarios/goodwe/hours" --results out
expect_in stdout "4 scenarios: 4 pass"
