"""The judge of a long run: when is the machine why, and when is it not?"""

import unittest

import judge_pace


def paced(hits, worst_ms):
    return {"late_by_itself": hits, "worst_by_itself_ms": worst_ms, "processor_s": 43.0}


def probe(stalls, worst_ms):
    return {"stalls": stalls, "worst_ms": worst_ms, "processor_s": 3500.0}


class OwnFault(unittest.TestCase):
    def test_is_none_where_nothing_was_late(self):
        self.assertIsNone(judge_pace.own_fault(paced(0, 0.3), None))

    def test_stands_without_a_probe(self):
        self.assertIn("itself", judge_pace.own_fault(paced(1, 1.1), None))

    def test_stands_beside_a_processor_that_never_stood_still(self):
        self.assertIn("more often", judge_pace.own_fault(paced(2, 1.1), probe(0, 0.2)))

    def test_is_the_machines_where_the_probe_was_hit_as_often(self):
        # 814 in 3,500 s are ten in 43 s.
        self.assertIsNone(judge_pace.own_fault(paced(10, 4.1), probe(814, 18.0)))

    def test_stands_where_the_bench_was_hit_three_times_as_often(self):
        self.assertIn("more often", judge_pace.own_fault(paced(30, 4.1), probe(814, 18.0)))

    def test_stands_where_the_bench_took_longer_than_any_stall(self):
        self.assertIn("longer", judge_pace.own_fault(paced(10, 19.0), probe(814, 18.0)))


class Tail(unittest.TestCase):
    def test_is_that_of_a_fair_coin(self):
        # 4 heads of 5: (5 + 1) / 32.
        self.assertAlmostEqual(judge_pace.as_many(4, 5, 0.5), 6 / 32, places=12)

    def test_bears_many(self):
        # The median of 2,000 throws.
        self.assertAlmostEqual(judge_pace.as_many(1001, 2000, 0.5), 0.5, delta=0.01)


if __name__ == "__main__":
    unittest.main()
