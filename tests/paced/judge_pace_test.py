"""The judge of a long run: when is the machine why, and when is it not?"""

import unittest

import judge_pace


def paced(hits):
    return {"late_by_itself": hits, "processor_s": 43.0}


def probe(stalls, worst_ms, processor_s=3500.0):
    return {"stalls": stalls, "worst_ms": worst_ms, "processor_s": processor_s}


class OwnFault(unittest.TestCase):
    def test_is_none_where_nothing_was_late(self):
        self.assertIsNone(judge_pace.own_fault(paced(0), [], None))

    def test_stands_without_a_probe(self):
        self.assertIn("itself", judge_pace.own_fault(paced(1), 1 * [1.1], None))

    def test_stands_beside_a_probe_that_never_ran(self):
        self.assertIn("itself", judge_pace.own_fault(paced(1), 1 * [1.1], probe(0, 0.0, 0.0)))

    def test_stands_beside_a_processor_that_never_stood_still(self):
        self.assertIn("more often", judge_pace.own_fault(paced(2), 2 * [1.1], probe(0, 0.2)))

    def test_is_the_machines_where_the_probe_was_hit_as_often(self):
        # 814 in 3,500 s are ten in 43 s.
        self.assertIsNone(judge_pace.own_fault(paced(10), 10 * [4.1], probe(814, 18.0)))

    def test_stands_where_the_bench_was_hit_three_times_as_often(self):
        self.assertIn("more often", judge_pace.own_fault(paced(30), 30 * [4.1], probe(814, 18.0)))

    def test_stands_where_the_bench_took_longer_than_any_stall(self):
        self.assertIn("longer", judge_pace.own_fault(paced(10), 10 * [19.0], probe(814, 18.0)))


class Stalls(unittest.TestCase):
    def test_one_that_makes_many_late_is_one(self):
        # 20 ms from 1.000 s on; what was due meanwhile is done 0.1 ms after one another.
        late = [(1.000, 20.0, 20.0), (1.005, 15.1, 15.1), (1.010, 10.2, 10.2), (1.020, 0.3, 0.3)]
        self.assertEqual(judge_pace.stalls_of(late), [20.0])

    def test_another_behind_it_counts(self):
        stalls = judge_pace.stalls_of([(1.000, 20.0, 20.0), (1.005, 22.0, 22.0)])
        self.assertEqual(len(stalls), 2)
        self.assertAlmostEqual(stalls[1], 7.0)

    def test_what_the_machine_did_is_none(self):
        self.assertEqual(judge_pace.stalls_of([(1.0, 30.0, 0.1), (2.0, 4.0, 3.0)]), [3.0])


class Tail(unittest.TestCase):
    def test_is_that_of_a_fair_coin(self):
        # 4 heads of 5: (5 + 1) / 32.
        self.assertAlmostEqual(judge_pace.as_many(4, 5, 0.5), 6 / 32, places=12)

    def test_bears_many(self):
        # The median of 2,000 throws.
        self.assertAlmostEqual(judge_pace.as_many(1001, 2000, 0.5), 0.5, delta=0.01)


if __name__ == "__main__":
    unittest.main()
