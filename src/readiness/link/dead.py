"""Facts -> the places of a file that never run: `if False`, `if _IS_SYNC` where the module sets that to False and nowhere else.

Libraries that are written once for coroutines and once without keep the other half of the code so. Never looks into another module.
"""

from __future__ import annotations

from readiness.types.facts import Facts, with_inner

NOWHERE: frozenset[int] = frozenset()
TRUTH = {"bool:True": True, "bool:False": False}


def dead_contexts(facts: Facts) -> frozenset[int]:
    """Numbers of contexts."""
    dead = {branch for branch, name, holds in facts.conditions if _value(facts, name) is (not holds)}
    if not dead:
        return NOWHERE
    dead = with_inner(facts, dead)
    return frozenset(number for number, row in enumerate(facts.contexts) if row.branch in dead)


def _value(facts: Facts, name: str) -> bool | None:
    """What a constant is; None where that is not known or not one."""
    if name == "True":
        return True
    rows = [row for row in facts.bindings if row.name == name and not row.target]
    is_one = len(rows) == 1 and rows[0].kind == "assign" and not facts.contexts[rows[0].context].scope
    return TRUTH.get(rows[0].value) if is_one and facts.contexts[rows[0].context].branch < 0 else None
