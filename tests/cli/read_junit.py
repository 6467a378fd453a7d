"""What readers of JUnit XML that are not ours make of a file: read_junit.py FILE

junitparser is what GitHub's publishers of test results read with; the standard library's reader stands for GitLab and
Jenkins, whose mappings are documented: class name and name are the identity of a case, one of failure, error and
skipped is its outcome, the outcome's text its trace, seconds its time.
"""
import sys
import xml.etree.ElementTree as tree

import junitparser

file = sys.argv[1]

totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
outcomes = {}
for suite in junitparser.JUnitXml.fromfile(file):
    for case in suite:
        kinds = [type(result).__name__ for result in case.result]
        assert len(kinds) <= 1, (case.name, kinds)
        outcomes[case.classname, case.name] = kinds[0] if kinds else "passed"
    # Its own count of the cases against the totals that stand in the file.
    written = {name: getattr(suite, name) for name in totals}
    suite.update_statistics()
    assert written == {name: getattr(suite, name) for name in totals}, (suite.name, written)
    for name, value in written.items():
        totals[name] += value
print("junitparser:", *(f"{value} {name}" for name, value in totals.items()))

seen = set()
root = tree.parse(file).getroot()
for suite in root.findall("testsuite"):
    for case in suite.findall("testcase"):
        identity = case.get("classname"), case.get("name")
        assert identity not in seen, identity
        seen.add(identity)
        assert float(case.get("time")) >= 0.0
        for kind in ("failure", "error"):
            found = case.find(kind)
            if found is not None:
                assert found.get("message") and found.text, identity
                print(f"{kind} {identity[0]}: {identity[1]}: {found.get('message')}")
                print(found.text)
assert {name: int(root.get(name)) for name in totals} == totals
assert seen == set(outcomes), seen ^ set(outcomes)
