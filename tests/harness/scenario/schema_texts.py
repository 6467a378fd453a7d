"""Every element and attribute of the schema that has a name has a text for editors: its own, that of the type inside it,
or that of the type it names: schema_texts.py SCENARIOS."""

import pathlib
import sys
from xml.etree import ElementTree

XS = "{http://www.w3.org/2001/XMLSchema}"
TYPES = (XS + "simpleType", XS + "complexType")


def has_text(node):
    return any((text.text or "").strip() for text in node.findall(f"{XS}annotation/{XS}documentation"))


schemas = {path: ElementTree.parse(path).getroot() for path in sorted(pathlib.Path(sys.argv[1]).glob("schema*.xsd"))}
told = {each.get("name") for root in schemas.values() for each in root if each.tag in TYPES and has_text(each)}

named = 0
silent = []
for path, root in schemas.items():
    for node in root.iter():
        if node.tag not in (XS + "element", XS + "attribute") or node.get("name") is None:
            continue
        named += 1
        inside = any(has_text(child) for child in node if child.tag in TYPES)
        if not (has_text(node) or inside or node.get("type") in told):
            silent.append(f"{path.name}: {node.tag.removeprefix(XS)} {node.get('name')} ({node.get('type')})")
print(f"{named} names, {len(silent)} without a text", *silent, sep="\n")
sys.exit(bool(silent) or named < 500)
