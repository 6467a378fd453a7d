"""Whether a run in paced time was kept as it should be, and if not, whether the machine is why."""

import json
import sys

MOST_LATE = 1e-3  # of all steps, by more than a millisecond
ANSWERS_P99_MS = 0.5


def share(lateness):
    return lateness["late"] / max(lateness["count"], 1)


def main():
    with open(sys.argv[1]) as file:
        paced = json.load(file)["paced"]
    steps, answers, idle = paced["steps"], paced["answers"], paced["wake_ups"]
    for name, each in (("steps", steps), ("answers", answers), ("idle thread", idle)):
        print(
            f"{name:12} {each['count']:8} of which {each['late']:6} late by more than 1 ms ({1e3 * share(each):.2f} in 1,000), "
            f"median {each['median_ms']:.3f} ms, 99 % within {each['p99_ms']:.3f} ms, 99.9 % {each['p999_ms']:.3f} ms, "
            f"worst {each['worst_ms']:.3f} ms, {each['early']} early"
        )
    print(
        f"late by the bench itself: {paced['late_by_itself']}, at most {paced['worst_by_itself_ms']:.3f} ms; "
        f"{100 * paced['processor_s'] / paced['real_s']:.1f} % of a processor; {paced['scheduling']}"
    )
    faults = []
    if steps["early"] + answers["early"] > 0:
        faults.append("something came early")
    if paced["late_by_itself"] > 0:
        faults.append("the bench itself took more than a millisecond")
    # A thread that only sleeps has one wake-up a step; the bench has several, so that it meets each delay more often.
    if share(steps) > MOST_LATE and share(steps) > 3 * share(idle):
        faults.append("more steps are late than the machine explains")
    if answers["p99_ms"] > ANSWERS_P99_MS and answers["p99_ms"] > 3 * idle["p99_ms"]:
        faults.append("answers are later than the machine explains")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
