"""Holds two runs of one scenario against each other: parity.py IN_PROCESS/run.json ATTACHED/run.json

Prints verdicts, checks and margins side by side. Ends with 0 when verdict and state of every check are the same, 4 when the
second run is inconclusive (the bench was late: it proves nothing), else 1.
"""
import json
import sys


def main():
    virtual, attached = (json.load(open(path)) for path in sys.argv[1:3])
    print(f"{'':42} {'in process':>22} {'attached':>22}")
    print(f"{'verdict':42} {virtual['verdict']:>22} {attached['verdict']:>22}")
    same = virtual["verdict"] == attached["verdict"]
    for one, other in zip(virtual["checks"], attached["checks"], strict=True):
        figures = [f"{check['state']} {check['margin']:+.3f} {check['margin_unit']}" for check in (one, other)]
        print(f"{one['description'][:42]:42} {figures[0]:>22} {figures[1]:>22}")
        same = same and one["state"] == other["state"]
    paced = attached["paced"]
    for what in ("steps", "answers"):
        print(f"{what}: {paced[what]['late']} of {paced[what]['count']} late, the worst by {paced[what]['worst_ms']:.3f} ms")
    if attached["verdict"] == "inconclusive":
        return 4
    return 0 if same else 1


sys.exit(main())
