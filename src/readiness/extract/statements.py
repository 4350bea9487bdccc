"""Node class -> what the walk does there: statements. Each handler adds rows and puts the children on the stack in source order."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.expressions import EXPRESSIONS
from readiness.extract.parameters import parameters
from readiness.extract.walk import Handler, Walk, add_step
from readiness.types.facts import Import, Loop, Ref, Region


def function(walk: Walk, node: cst.FunctionDef, context: int, handed: int) -> None:
    line = walk.statement(node)
    end_line = walk.end_line
    number = walk.new_scope(node, "function", node.name.value, context)
    scope = walk.scopes[number]
    scope.line, scope.end_line, scope.is_async = line, end_line, node.asynchronous is not None
    scope.decorators = tuple(walk.refs.of(d.decorator) for d in node.decorators)
    scope.returns = walk.refs.of(node.returns.annotation) if node.returns else ""
    scope.params = parameters(walk, node.params)
    scope.is_stub = is_stub(node.body)
    walk.bind_name(context, "def", node.name.value, f"scope:{number}")
    inner = walk.context(context, scope=number, branch=-1, loop=-1, region=-1)
    for param in scope.params:
        walk.bind_name(inner, "param", param.name, param.default, param.annotation)
    walk.stack.append((node.body, inner, -1))
    walk.push([*node.decorators, node.params, node.returns], context)


def is_stub(body: cst.BaseSuite) -> bool:
    """Only a docstring, `pass`, `...` or `raise NotImplementedError`."""
    for statement in body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]:
            if isinstance(small, cst.Pass):
                continue
            if isinstance(small, cst.Expr) and isinstance(
                small.value, (cst.SimpleString, cst.ConcatenatedString, cst.Ellipsis)
            ):
                continue
            raised = small.exc if isinstance(small, cst.Raise) else None
            raised = raised.func if isinstance(raised, cst.Call) else raised
            if not (isinstance(raised, cst.Name) and raised.value == "NotImplementedError"):
                return False
    return True


def class_(walk: Walk, node: cst.ClassDef, context: int, handed: int) -> None:
    line = walk.statement(node)
    end_line = walk.end_line
    number = walk.new_scope(node, "class", node.name.value, context)
    scope = walk.scopes[number]
    scope.line, scope.end_line = line, end_line
    scope.decorators = tuple(walk.refs.of(d.decorator) for d in node.decorators)
    scope.bases = tuple(walk.refs.of(a.value) for a in node.bases)
    scope.keywords = tuple((a.keyword.value if a.keyword else "**", walk.refs.of(a.value)) for a in node.keywords)
    walk.bind_name(context, "class", node.name.value, f"scope:{number}")
    inner = walk.context(context, scope=number, branch=-1, loop=-1, region=-1)
    walk.stack.append((node.body, inner, -1))
    walk.push([*node.decorators, *node.bases, *node.keywords], context)


def if_(walk: Walk, node: cst.If, context: int, handed: int) -> None:
    walk.statement(node)
    walk._nodes += 1
    number = walk._nodes
    then = walk.arm(context, number, 0, test_kind(node.test))
    if node.orelse is not None:
        otherwise = walk.arm(context, number, 1, "else")
        orelse: cst.CSTNode = node.orelse.body if isinstance(node.orelse, cst.Else) else node.orelse
        walk.stack.append((orelse, otherwise, -1))
    walk.stack.append((node.body, then, -1))
    walk.later(narrow, walk, node.test, then)
    walk.stack.append((node.test, context, -1))


def test_kind(test: cst.BaseExpression) -> str:
    name = test.attr.value if isinstance(test, cst.Attribute) else test.value if isinstance(test, cst.Name) else ""
    if name == "TYPE_CHECKING":
        return "typing"
    if isinstance(test, cst.Comparison) and isinstance(test.left, cst.Name) and test.left.value == "__name__":
        return "main"
    return "if"


def narrow(walk: Walk, test: cst.BaseExpression, context: int) -> None:
    """`isinstance(x, C)`, alone or in an `and`, says what x is in the branch."""
    work: list[Any] = [test]
    while work:
        node = work.pop()
        if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.And):
            work += [node.right, node.left]
        elif is_instance_test(node):
            walk.bind_name(context, "narrow", node.args[0].value.value, walk.refs.of(node.args[1].value))


def is_instance_test(node: Any) -> bool:
    """`isinstance(NAME, ...)`."""
    is_call = isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "isinstance"
    return is_call and len(node.args) == 2 and isinstance(node.args[0].value, cst.Name)


def for_(walk: Walk, node: cst.For, context: int, handed: int) -> None:
    walk.statement(node)
    iterates = walk.refs.of(node.iter)
    is_async = node.asynchronous is not None
    walk.loops.append(Loop(walk.contexts[context].loop, "async-for" if is_async else "for", iterates, walk.line, 0))
    walk.operations.append(0)
    number = len(walk.loops) - 1
    walk._nodes += 1
    inner = walk.context(walk.arm(context, walk._nodes, 0, "for"), loop=number)
    if node.orelse is not None:
        walk.stack.append((node.orelse.body, context, -1))
    walk.stack.append((node.body, inner, -1))
    walk.later(walk.bind, inner, "for", node.target, add_step(iterates, "aiter" if is_async else "iter"), "", walk.line)
    walk.push([below(node.target), node.iter], context)


def while_(walk: Walk, node: cst.While, context: int, handed: int) -> None:
    walk.statement(node)
    walk.loops.append(Loop(walk.contexts[context].loop, "while", "", walk.line, 0))
    walk.operations.append(0)
    number = len(walk.loops) - 1
    walk._nodes += 1
    inner = walk.context(walk.arm(context, walk._nodes, 0, "while"), loop=number)
    if node.orelse is not None:
        walk.stack.append((node.orelse.body, context, -1))
    walk.stack.append((node.body, inner, -1))
    walk.stack.append((node.test, walk.context(context, loop=number), -1))


def try_(walk: Walk, node: cst.Try | cst.TryStar, context: int, handed: int) -> None:
    walk.statement(node)
    walk._nodes += 1
    number = walk._nodes
    parts: list[tuple[cst.CSTNode, int]] = [(node.body, walk.arm(context, number, 0, "try"))]
    for place, handler in enumerate(node.handlers, 1):
        parts.append((handler, walk.arm(context, number, place, "except")))
    if node.orelse is not None:
        parts.append((node.orelse.body, parts[0][1]))
    if node.finalbody is not None:
        parts.append((node.finalbody.body, context))
    for child, inner in reversed(parts):
        walk.stack.append((child, inner, -1))


def except_(walk: Walk, node: cst.ExceptHandler, context: int, handed: int) -> None:
    walk.stack.append((node.body, context, -1))
    if node.type is not None:
        if node.name is not None:
            walk.later(walk.bind, context, "except", node.name.name, walk.refs.of(node.type))
        walk.stack.append((node.type, context, -1))


def with_(walk: Walk, node: cst.With, context: int, handed: int) -> None:
    walk.statement(node)
    is_async = node.asynchronous is not None
    work: list[tuple[object, int, int]] = []
    inner = context
    for item in node.items:
        manager = walk.refs.of(item.item)
        work.append((item.item, inner, -1))
        walk.regions.append(Region(walk.contexts[inner].region, manager, is_async, walk.line))
        inner = walk.context(inner, region=len(walk.regions) - 1)
        if item.asname is not None:
            step = "aenter" if is_async else "enter"
            work.append((below(item.asname.name), inner, -1))
            work.append(((walk.bind, inner, "with", item.asname.name, add_step(manager, step), "", walk.line), 0, -1))
    walk.stack.append((node.body, inner, -1))
    walk.stack.extend(reversed(work))


def match_(walk: Walk, node: cst.Match, context: int, handed: int) -> None:
    walk.statement(node)
    walk._nodes += 1
    subject = walk.refs.of(node.subject)
    for place, case in reversed(list(enumerate(node.cases))):
        inner = walk.arm(context, walk._nodes, place, "match")
        walk.stack.append((case.body, inner, -1))
        walk.push([case.pattern, case.guard], inner)
        walk.later(bind_pattern, walk, case.pattern, subject, inner)
    walk.stack.append((node.subject, context, -1))


def bind_pattern(walk: Walk, pattern: cst.MatchPattern, subject: Ref, context: int) -> None:
    """`case C():` narrows the subject, `case x:` and `case C() as x:` bind names."""
    cls = pattern.pattern if isinstance(pattern, cst.MatchAs) and pattern.pattern is not None else pattern
    if isinstance(pattern, cst.MatchAs) and pattern.name is not None:
        value = walk.refs.of(cls.cls) if isinstance(cls, cst.MatchClass) else subject
        walk.bind_name(context, "narrow" if isinstance(cls, cst.MatchClass) else "match", pattern.name.value, value)
    if isinstance(cls, cst.MatchClass) and subject.startswith("local:") and "\x1f" not in subject:
        walk.bind_name(context, "narrow", subject[6:], walk.refs.of(cls.cls))


def assign(walk: Walk, node: cst.Assign, context: int, handed: int) -> None:
    walk.statement(node)
    value = walk.refs.of(node.value)
    for target in reversed(node.targets):
        walk.later(walk.bind, context, "assign", target.target, value, "", walk.line)
    walk.stack.append((node.value, context, -1))
    walk.push([below(t.target) for t in node.targets], context)


def below(target: cst.CSTNode) -> cst.CSTNode:
    """What is evaluated of a target: an attribute's object, an element's object and index."""
    return target.value if isinstance(target, cst.Attribute) else target


def annotated(walk: Walk, node: cst.AnnAssign, context: int, handed: int) -> None:
    walk.statement(node)
    annotation = walk.refs.of(node.annotation.annotation)
    walk.later(walk.bind, context, "assign", node.target, walk.refs.of(node.value), annotation, walk.line)
    walk.push([below(node.target), node.annotation, node.value], context)


def augmented(walk: Walk, node: cst.AugAssign, context: int, handed: int) -> None:
    walk.statement(node)
    walk.later(walk.bind, context, "augment", node.target, "unknown:", "", walk.line)
    walk.push([node.target, node.value], context)


def return_(walk: Walk, node: cst.Return, context: int, handed: int) -> None:
    walk.statement(node)
    scope = walk.contexts[context].scope
    if node.value is not None:
        walk.scopes[scope].results.append(walk.refs.of(node.value))
        walk.stack.append((node.value, context, -1))


def expression(walk: Walk, node: cst.Expr, context: int, handed: int) -> None:
    walk.statement(node)
    value = node.value.expression if isinstance(node.value, cst.Await) else node.value
    if isinstance(value, cst.Call):
        EXPRESSIONS["Call"](walk, value, context, -3 if value is node.value else -4)
    elif not isinstance(value, (cst.SimpleString, cst.ConcatenatedString)):  # docstrings say nothing
        walk.stack.append((value, context, -1))


def names(walk: Walk, node: cst.Global | cst.Nonlocal, context: int, handed: int) -> None:
    walk.statement(node)
    scope = walk.scopes[walk.contexts[context].scope]
    kept = scope.globals if isinstance(node, cst.Global) else scope.nonlocals
    kept += [item.name.value for item in node.names]
    walk.feature("global-statement" if isinstance(node, cst.Global) else "nonlocal-statement", context)


def import_(walk: Walk, node: cst.Import, context: int, handed: int) -> None:
    line = walk.statement(node)
    for alias in node.names:
        name = dotted(alias.name)
        given = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else None
        walk.imports.append(Import(name, None, given, 0, line, when(walk, context), context))
        top = name.partition(".")[0]
        walk.bind_name(context, "import", given or top, f"import:{name if given else top}")


def import_from(walk: Walk, node: cst.ImportFrom, context: int, handed: int) -> None:
    line = walk.statement(node)
    module, level = dotted(node.module) if node.module else "", len(node.relative)
    root = f"relative:{level}:{module}" if level else f"import:{module}"
    kind = when(walk, context)
    if isinstance(node.names, cst.ImportStar):
        walk.imports.append(Import(module, "*", None, level, line, kind, context))
        walk.bind_name(context, "star-import", "*", root)
        return
    for alias in node.names:
        name = dotted(alias.name)
        given = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else None
        walk.imports.append(Import(module, name, given, level, line, kind, context))
        walk.bind_name(context, "import", given or name, add_step(root, f".{name}"))


def dotted(node: cst.BaseExpression) -> str:
    parts = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value if isinstance(node, cst.Name) else "")
    return ".".join(reversed(parts))


def when(walk: Walk, context: int) -> str:
    """typing > lazy > conditional > runtime."""
    row = walk.contexts[context]
    kinds = set()
    branch, scope = row.branch, row.scope
    is_lazy = False
    while True:
        while branch >= 0:
            kinds.add(walk.branches[branch].kind)
            branch = walk.branches[branch].parent
        if scope <= 0:
            break
        is_lazy = is_lazy or walk.scopes[scope].kind == "function"
        above = walk.contexts[walk.scopes[scope].context]
        branch, scope = above.branch, above.scope
    if "typing" in kinds:
        return "typing"
    if is_lazy:
        return "lazy"
    return "conditional" if kinds & {"if", "else", "try", "except", "match", "main"} else "runtime"


HANDLERS: dict[str, Handler] = {
    **EXPRESSIONS, "FunctionDef": function, "ClassDef": class_, "If": if_, "For": for_, "While": while_, "Try": try_,
    "TryStar": try_, "ExceptHandler": except_, "ExceptStarHandler": except_, "With": with_, "Match": match_, "Assign": assign,
    "AnnAssign": annotated, "AugAssign": augmented, "Return": return_, "Expr": expression, "Global": names, "Nonlocal": names,
    "Import": import_, "ImportFrom": import_from,
}  # fmt: skip
