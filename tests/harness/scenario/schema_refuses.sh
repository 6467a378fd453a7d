# The schema refuses each file that is wrong in its structure: schema_refuses.sh XMLLINT SCENARIOS BAD_FILES
set -eu
checked=0
for file in "$3"/*.xml; do
  if said=$("$1" --noout --schema "$2/schema.xsd" "$file" 2>&1); then
    echo "accepted: $file"
    exit 1
  fi
  # Anything else (a missing schema, a crash) is no refusal.
  grep -qE 'fails to validate|parser error' <<<"$said" || { echo "$file: $said"; exit 1; }
  checked=$((checked + 1))
done
[ "$checked" -gt 20 ] || { echo "only $checked files in $3"; exit 1; }
