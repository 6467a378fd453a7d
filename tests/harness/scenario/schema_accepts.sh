# Every XML file of the scenario tree, or of the folders given, fits the schema:
# schema_accepts.sh XMLLINT SCENARIOS [FOLDER ...]
set -eu
xmllint=$1 scenarios=$2
shift 2
[ "$#" -gt 0 ] || set -- "$scenarios"
mapfile -t files < <(find "$@" -name '*.xml' | sort)
[ "${#files[@]}" -gt 0 ] || { echo "no scenario found in $*"; exit 1; }
"$xmllint" --noout --schema "$scenarios/schema.xsd" "${files[@]}"
