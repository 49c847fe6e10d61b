"""What holds for every patient: the invariants of the rulebook, each tried on patients nobody thought of.

 1  Unknown is never a default: a fact taken away makes no rule true and excludes no prognostic group.
 2  Soundness: however the unknown facts turn out, the group was among the possible ones.
 3  Refinement: a fact learnt never makes a further group possible.
 4  Monotony: a worse fact never gives a better group, and age changes no group.
 5  The order of facts and resources, and a resource sent twice, leave no mark.
 6  Nor does the unit a value is written in.
 7  An oestrogen receptor that is positive never lowers the risk that surveillance goes by.
 8  Cord compression and a threatening fracture are told whatever else is known, unknown or contradictory.
 9  Nothing is concluded from an implausible dose.
10  Burden, prognosis and pathway wait until metastases are confirmed.
11  Nothing that is said of bone is said of a course to the brain.
12  Every card names its statement, its strength of evidence and the values it rests on.
13  One drug has one timing around one course, whichever of the two is ordered.
14  A last dose ends no drug that is still taken; a date that is missing gives no other timing.
15  Two courses, and two orders, are never taken for one.
16  No card names a drug that does not treat cancer.
17  What is switched off says nothing.
18  A crisis, progression or a short life expectancy takes the good group away; a compromised condition is poor.
19  Advice that contradicts other advice is not given beside it.
20  Cards are short, few, as grave as their gravest point, and hide nothing that could harm.
21  Where nobody suspects metastases, nobody is asked anything.

The docstring of a test names the invariant it holds; a few stand beside the code they are about.
"""
