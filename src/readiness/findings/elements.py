"""call in a loop -> whether it is made once for each of something that the world makes long, whatever the options are.

The call takes the element, or what was made of it in the loop; what the loop goes over came in, was given by a call or was gathered;
no condition stands around the loop but one on that. Never asks what the call does.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.findings.options import functions_around, is_self, tested, tests_of
from readiness.findings.starting import words_of
from readiness.types.facts import SEP, Binding, Call, Facts, loops_around

CERTAIN = frozenset(("try", "for", "while", "finally"))  # what stands there runs, whatever the values are
EACH = frozenset(("for", "comprehension"))
# what gives the elements of its arguments, or of the object whose method it is
PASSING = frozenset(
    f"local:{name}"
    for name in ("enumerate", "filter", "iter", "list", "map", "reversed", "set", "sorted", "tuple", "zip")
)
VIEWS = frozenset((".copy", ".items", ".keys", ".values"))
SETTINGS = frozenset(
    ("arg", "args", "cfg", "conf", "config", "configuration", "option", "options", "opts", "setting", "settings")
)
GATHERED = frozenset(("comprehension", "dict-comprehension", "generator", "yield"))
DISPLAYS = frozenset(("dict", "list", "set", "tuple"))


def is_per_element(facts: Facts, call: Call, is_task: bool) -> bool:
    """One of the loops around the call is such a loop; one without end, or over what arrives, needs no length.

    Of tasks only the innermost loop counts: what is around it may wait for them.
    """
    around = loops_around(facts, facts.contexts[call.context].loop)
    for number in around[:1] if is_task else around:
        loop = facts.loops[number]
        # rounds that may be the last need each other
        is_long = loop.kind not in EACH or (not loop.leaves and came_in(facts, call, loop.iterates))
        if is_long and takes_element(facts, call, number) and is_unguarded(facts, call, number):
            return True
    return False


def is_kept(facts: Facts, call: int) -> bool:
    """What it gives is bound to a name of its own: whoever waits for it in the same round has one at a time."""
    while facts.calls[call].handed_to >= 0:
        call = facts.calls[call].handed_to
    return any(row.value == f"call:{call}" for row in facts.bindings)


def takes_element(facts: Facts, call: Call, loop: int) -> bool:
    """A name that is bound in the loop stands in the call, or what is awaited there."""
    own = {
        f"local:{row.name}"
        for row in facts.bindings
        if not row.target and loop in loops_around(facts, facts.contexts[row.context].loop)
    }
    where = facts.contexts[call.context].scope
    is_short = facts.scopes[where].kind == "comprehension"  # all that is read there stands in one expression
    refs = [call.callee, *(ref.lstrip("*") for ref in call.args), *(ref for _, ref in call.keywords)]
    also = [(row.context, row.line, row.value) for row in facts.reads]
    also += [(row.context, row.line, row.callee) for row in facts.calls]
    for context, line, ref in also:
        if facts.contexts[context].scope == where and (is_short or call.line <= line <= call.end_line):
            refs.append(ref)
    fresh = {
        f"call:{n}"
        for n, row in enumerate(facts.calls)
        if row.is_awaited and loop in loops_around(facts, facts.contexts[row.context].loop)
    }
    return any(ref.partition(SEP)[0] in own for ref in refs) or any(ref.partition(SEP)[0] in fresh for ref in call.args)


def is_unguarded(facts: Facts, call: Call, loop: int) -> bool:
    """Outside of the loop the call stands below no test, but one on what the loop goes over."""
    over = facts.loops[loop].iterates
    refs = [
        over,
        *(facts.calls[int(over[5:])].args if over.startswith("call:") and SEP not in over else ()),
        *parts_of(facts, over, []),
    ]
    roots = {ref.lstrip("*").partition(SEP)[0] for ref in refs}
    branch, is_outside = facts.contexts[call.context].branch, facts.loops[loop].kind == "comprehension"
    while branch >= 0:
        row = facts.branches[branch]
        if (
            is_outside
            and row.kind not in CERTAIN
            and not any(roots & tested(facts, line) for line in tests_of(facts, row))
        ):
            return False
        is_outside = is_outside or (row.kind in ("for", "while") and row.line == facts.loops[loop].line)
        branch = row.parent
    return True


def came_in(facts: Facts, call: Call, over: str) -> bool:
    """A parameter, what a call gave, what was gathered. Fields of the object itself and names of the module are as long as the program,
    or a configuration, says."""
    scopes = functions_around(facts, facts.contexts[call.context].scope)
    todo, seen = [over.lstrip("*")], set()
    while todo:
        ref = todo.pop()
        if ref not in seen:
            seen.add(ref)
            parts = list(parts_of(facts, ref, scopes))
            if "" in parts:
                return True
            todo += parts
    return False


def parts_of(facts: Facts, ref: str, scopes: list[int]) -> Iterator[str]:
    """What has the same length as a value; "" where the world says it, nothing where the source does."""
    root, _, name = ref.partition(SEP)[0].partition(":")
    if root == "call":
        made = facts.calls[int(name)]
        place, _, method = made.callee.rpartition(SEP)
        if method in VIEWS:
            yield place
        elif made.callee in PASSING:
            yield from (arg.lstrip("*") for arg in made.args)
        elif not any(is_setting(ref) for ref in (made.callee, *made.args)):
            yield ""
    elif root == "expr":
        row = facts.exprs[int(name)]
        if row.kind in GATHERED or row.kind == "starred" or not row.items:
            yield ""  # an empty list is there to be filled
        else:
            yield from (item for item in row.items if row.kind not in DISPLAYS or item.startswith("expr:"))
    elif root == "local" and not is_setting(ref):
        yield from named(facts, name, scopes)


def is_setting(ref: str) -> bool:
    """The author's own word for it: `config.servers`, `self.settings`, `args`."""
    return ref.startswith("local:") and any(not SETTINGS.isdisjoint(words_of(step)) for step in ref[6:].split(SEP))


def named(facts: Facts, name: str, scopes: list[int]) -> Iterator[str]:
    """What was bound to a name in these functions; "" for a parameter, nothing for `self`."""
    for scope in scopes:
        if is_self(facts, scope, name):
            return
    for binding in facts.bindings:
        is_here = binding.name == name and not binding.target and facts.contexts[binding.context].scope in scopes
        if is_here and not is_batch(facts, binding):
            yield "" if binding.kind == "param" else binding.value


def is_batch(facts: Facts, binding: Binding) -> bool:
    """`for part in chunks(rows, 100)`: as long as the number says."""
    number = binding.value.partition(SEP)[0].removeprefix("call:")
    if binding.kind != "for" or not number.isdigit() or facts.calls[int(number)].callee in PASSING:
        return False
    made = facts.calls[int(number)]
    return any(ref.startswith("int:") for ref in (*made.args, *(value for _, value in made.keywords)))
