"""Whether a run in paced time was kept as it should be, and if not, whether the machine is why.

usage: judge_pace.py RUN_JSON [PROBE_JSON], the latter by processor_probe on the bench's processor during the same run. Reads
lateness.csv beside RUN_JSON.
"""

import csv
import json
import math
import os
import sys

MOST_LATE = 1e-3  # of all steps, by more than a millisecond
STALL_MS = 1.0
ANSWERS_P99_MS = 0.5
UNLIKELY = 1e-3  # that a machine which treats both alike hits the bench as often as it did


def share(lateness):
    return lateness["late"] / max(lateness["count"], 1)


def as_many(hits, total, chance):
    """How likely at least `hits` (> 0) of `total` are, each with that chance: the binomial distribution's upper tail."""
    logs = [math.lgamma(n + 1) for n in range(total + 1)]
    return sum(
        math.exp(logs[total] - logs[k] - logs[total - k] + k * math.log(chance) + (total - k) * math.log1p(-chance))
        for k in range(hits, total + 1)
    )


def stalls_of(moments):
    """How long the bench itself stood still each time, ms: one stall makes many moments late, of which each is done the sooner
    after the one ahead of it the less was in its own way.

    moments: (due s, late ms, of that the bench's own ms) in the order in which they were done; a moment that was not late is not there.
    """
    stalls = []
    done_ms = -math.inf
    for due_s, late_ms, own_ms in moments:
        before_ms, done_ms = done_ms, 1e3 * due_s + late_ms
        took_ms = min(own_ms, done_ms - max(before_ms, 1e3 * due_s))
        if took_ms > STALL_MS:
            stalls.append(took_ms)
    return stalls


def own_fault(paced, stalls, probe):
    """What the bench itself is to blame for, or None.

    Processor time that a host takes without saying so is booked to whoever runs: to the probe, that only reads its clock, and to
    the bench alike, as often in a second of processor time.
    """
    if paced["late_by_itself"] == 0:
        return None
    if probe is None or probe["processor_s"] <= 0:  # one that never ran says nothing of the machine
        return "the bench itself took more than a millisecond"
    hits = len(stalls)
    total, of_both = hits + probe["stalls"], paced["processor_s"] + probe["processor_s"]
    chance = paced["processor_s"] / of_both
    likely = as_many(hits, total, chance) if hits > 0 else 1.0
    print(
        f"the bench stood still {hits} times, at most {max(stalls, default=0.0):.3f} ms; a loop on its processor "
        f"{probe['stalls']} times in {probe['processor_s']:.0f} s of processor time, at most {probe['worst_ms']:.3f} ms; "
        f"{hits} or more of all {total} fall to the bench with probability {likely:.2g}"
    )
    if likely < UNLIKELY:
        return "the bench itself took more than a millisecond, more often than this machine explains"
    if max(stalls, default=0.0) > probe["worst_ms"]:
        return "the bench itself took longer than this machine explains"
    return None


def main():
    with open(sys.argv[1]) as file:
        paced = json.load(file)["paced"]
    with open(os.path.join(os.path.dirname(sys.argv[1]), "lateness.csv"), newline="") as file:
        late = [(float(row["time_s"]), float(row["late_ms"]), float(row["own_ms"])) for row in csv.DictReader(file)]
    probe = None
    if len(sys.argv) > 2:
        with open(sys.argv[2]) as file:
            probe = json.load(file)
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
    if own := own_fault(paced, stalls_of(late), probe):
        faults.append(own)
    # A thread that only sleeps has one wake-up a step; the bench has several, so that it meets each delay more often.
    if share(steps) > MOST_LATE and share(steps) > 3 * share(idle):
        faults.append("more steps are late than the machine explains")
    if answers["p99_ms"] > ANSWERS_P99_MS and answers["p99_ms"] > 3 * idle["p99_ms"]:
        faults.append("answers are later than the machine explains")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
