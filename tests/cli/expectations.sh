# Sourced by every script: a folder of its own, and what to expect of a call.
set -u
hilbench=$1
source_dir=$2
export HILBENCH_LIBRARY=$source_dir/scenarios
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
  echo "FAILED: $*"
  echo "--- stdout"; cat stdout
  echo "--- stderr"; cat stderr
  exit 1
}

# expect_exit CODE ARGUMENTS...: runs hilbench, keeps its output in stdout and stderr.
expect_exit() {
  local expected=$1
  shift
  "$hilbench" "$@" >stdout 2>stderr
  local got=$?
  [ "$got" -eq "$expected" ] || fail "hilbench $* ended with $got, expected $expected"
}

# expect_in FILE TEXT...: FILE holds each text.
expect_in() {
  local file=$1 text
  shift
  for text in "$@"; do
    grep -qF -- "$text" "$file" || fail "$file does not hold: $text"
  done
}

# A short scenario on the two-inverter site: scenario NAME DURATION_S EXPECT_XML
scenario() {
  cat >"$1.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<scenario schema="1" name="$1" duration_s="$2" seed="7">
  <purpose>Written by a test.</purpose>
  <site extends="sites/goodwe_two_et_400v.xml"/>
  <controller kind="sec1000"><export_limit_w>0</export_limit_w></controller>
  <expect>
$3
  </expect>
  <plot title="Power"><signal name="site.load_w"/></plot>
</scenario>
XML
}
holding='<never signal="site.load_w" above="1000000"/>'
breaking='<never signal="site.load_w" above="1"/>'
