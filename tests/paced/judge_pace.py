"""Whether a run in paced time was kept as it should be, and if not, whether the machine is why."""

import contextlib
import json
import os
import sys
import time

MOST_LATE = 1e-3  # of all steps, by more than a millisecond
ANSWERS_P99_MS = 0.5
PROBE_S = 60


def taken_away_per_s():
    """How often a thread that only reads the clock is booked more than a millisecond between two looks, in a second of
    its own: what a virtual machine's host takes away counts as the thread's own time where the kernel is not told."""
    with contextlib.suppress(PermissionError):  # as the bench asks for
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    taken = 0
    until = time.monotonic() + PROBE_S
    begun = used = time.thread_time_ns()
    while time.monotonic() < until:
        booked = time.thread_time_ns()
        if booked - used > 1_000_000:
            taken += 1
        used = booked
    return taken / (1e-9 * (used - begun))


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
        here = taken_away_per_s()
        own = paced["late_by_itself"] / paced["processor_s"]
        print(f"so {own:.2f} a second of processor; a thread that only reads the clock: {here:.2f}, over {PROBE_S} s")
        if own > 3 * here:
            faults.append("the bench itself took more than a millisecond more often than the machine explains")
    # A thread that only sleeps has one wake-up a step; the bench has several, so that it meets each delay more often.
    if share(steps) > MOST_LATE and share(steps) > 3 * share(idle):
        faults.append("more steps are late than the machine explains")
    if answers["p99_ms"] > ANSWERS_P99_MS and answers["p99_ms"] > 3 * idle["p99_ms"]:
        faults.append("answers are later than the machine explains")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
