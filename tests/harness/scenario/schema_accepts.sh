# Every XML file of the scenario tree fits the schema: schema_accepts.sh XMLLINT SCENARIOS
set -eu
mapfile -t files < <(find "$2" -name '*.xml' | sort)
[ "${#files[@]}" -gt 0 ] || { echo "no scenario found in $2"; exit 1; }
"$1" --noout --schema "$2/schema.xsd" "${files[@]}"
