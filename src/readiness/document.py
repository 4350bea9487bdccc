"""The stages' values -> Report: one row per service, module, function, import and finding, in a defined order. Decides nothing."""

from __future__ import annotations

import sys
from collections import Counter

from readiness.assess.marks import distribution_of, import_names
from readiness.assess.score import tune
from readiness.config import VERDICTS
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.findings import Finding
from readiness.types.program import Coupling, Program
from readiness.types.report import (
    HOT,
    SCHEMA,
    CallRow,
    CouplingRow,
    CycleRow,
    DynamicImportRow,
    FindingRow,
    FunctionRow,
    ImportRow,
    IoRow,
    ModuleRow,
    RejectedRow,
    Report,
    RuleRow,
    SignalRow,
)
from readiness.types.rulebook import Rulebook, Scoring
from readiness.types.run import CallCount, Repository, Run, Summary, Tool, UnknownLibrary
from readiness.types.services import Services
from readiness.types.tree import Tree

UNKNOWN_SHOWN = 3


def document(
    tree: Tree, program: Program, coupling: Coupling, services: Services, findings: tuple[Finding, ...],
    assessment: Assessment, rulebook: Rulebook, config: Config, tool: Tool, run: Run,
) -> Report:  # fmt: skip
    """The whole report."""
    findings = tuple(f for f in findings if f.is_shown)
    shown = tuple(f for f in findings if f.suppressed is None)
    functions = function_rows(program, assessment)
    scoring = tune(rulebook.scoring, config)  # as it was weighed, with what the user set
    return Report(
        schema=SCHEMA, goal=config.goal, tool=tool, run=run, repository=repository(tree, program, config.source_url),
        summary=summary(program, coupling, shown, assessment, functions, rulebook), services=assessment.services,
        rejected=tuple(RejectedRow(r.name, r.path, r.line, r.evidence, r.reason, r.correction) for r in services.rejected),
        modules=module_rows(program, coupling, services, assessment), functions=functions,
        imports=tuple(ImportRow(e.importer, e.imported, e.line, e.when) for e in program.imports),
        imports_dynamic=tuple(DynamicImportRow(e.importer, e.imported, e.line) for e in program.imports_dynamic),
        cycles=tuple(
            CycleRow(c.id, c.modules, c.is_load_time, tuple(ImportRow(e.importer, e.imported, e.line, e.when) for e in c.cuts))
            for c in coupling.cycles
        ),
        findings=tuple(finding_row(f) for f in shown),
        rules=rule_rows(findings, rulebook), scoring=scoring_numbers(scoring), limits=program.bounds_hit,
        calls=call_rows(program) if config.calls else None, signals=signal_rows(scoring),
        rules_unmatched=tuple(sorted({rule.id for rule in rulebook.rules} - {f.rule for f in findings})),
        suppressed=tuple(finding_row(f) for f in findings if f.suppressed is not None),
        patterns=construct_patterns(functions, rulebook), evidence=assessment.evidence, team=assessment.team,
        enablers=assessment.enablers,
    )  # fmt: skip


def repository(tree: Tree, program: Program, source_url: str | None) -> Repository:
    return Repository(
        name=tree.name, root=".", commit=tree.git.commit, dirty=tree.git.dirty, files=len(program.modules),
        lines=sum(m.lines for m in program.modules), parsed=sum(m.is_judged for m in program.modules), skipped=tree.skipped,
        source_url=source_url,
    )  # fmt: skip


def summary(
    program: Program,
    coupling: Coupling,
    findings: tuple[Finding, ...],
    assessment: Assessment,
    functions: tuple[FunctionRow, ...],
    rulebook: Rulebook,
) -> Summary:
    verdicts = Counter(s.verdict for s in assessment.services)
    fixes = {(f.rule, f.path, f.line) for s in assessment.services for f in s.fixes}
    return Summary(
        verdicts={v: verdicts[v] for v in VERDICTS}, services=len(assessment.services), modules=len(program.modules),
        functions=len(functions), hotspots=sum((f.hotspot or 0) >= HOT for f in functions), findings=len(findings),
        cycles=len(coupling.cycles),
        calls=CallCount(program.resolved, program.external, program.unresolved, program.unresolved_reasons), fixes=len(fixes),
        unknown_libraries=unknown_libraries(program, rulebook),
    )  # fmt: skip


def unknown_libraries(program: Program, rulebook: Rulebook) -> tuple[UnknownLibrary, ...]:
    """The UNKNOWN_SHOWN imports that no page or line knows and that most call sites go to; those of tests do not count.

    Of a name that several libraries share (`google.cloud`) the part below it tells which one it is.
    """
    names = import_names(rulebook)
    shared = {name.rpartition(".")[0] for name in names if "." in name}
    tests = {module.module for module in program.modules if module.is_test}
    sites = Counter[str]()
    seen: set[tuple[int, int, int, int]] = set()
    for edge in program.calls:
        place = (edge.caller, edge.line, edge.column, edge.call)
        top = edge.external.partition(".")[0]
        if not edge.external or edge.api >= 0 or place in seen or top in sys.stdlib_module_names or top == "builtins":
            continue
        seen.add(place)
        if program.functions[edge.caller].module not in tests and distribution_of(edge.external, names) is None:
            parts = edge.external.split(".")
            depth = next((n for n in range(1, len(parts)) if ".".join(parts[:n]) not in shared), 1)
            sites[".".join(parts[:depth])] += 1
    found = sorted(sites.items(), key=lambda row: (-row[1], row[0]))
    return tuple(UnknownLibrary(name, count) for name, count in found[:UNKNOWN_SHOWN])


def module_rows(
    program: Program, coupling: Coupling, services: Services, assessment: Assessment
) -> tuple[ModuleRow, ...]:
    owner = {module: s.id for s in reversed(services.found) for module in s.own}
    rows = []
    for module in program.modules:
        score = assessment.modules.get(module.module)
        c = coupling.modules[module.module]
        rows.append(
            ModuleRow(
                module.module, module.path, owner.get(module.module), module.lines,
                score.score if score else None, score.benefit if score else None, score.risk if score else None,
                score.effort if score else None, module.metrics,
                CouplingRow(c.afferent, c.efferent, c.instability, c.abstractness, c.distance, c.cycle, c.cycle_load, c.betweenness),
            )
        )  # fmt: skip
    return tuple(rows)


def function_rows(program: Program, assessment: Assessment) -> tuple[FunctionRow, ...]:
    """Functions, methods and module bodies; lambdas are part of the function around them."""
    rows = []
    for number, function in enumerate(program.functions):
        effect, hot = program.effects[number], assessment.hotspots[number]
        rows.append(
            FunctionRow(
                function.module, function.qualname, function.path, function.line, function.end_line, function.is_async,
                function.complexity, assessment.entry_points[number], hot.score if hot is not None else None,
                assessment.concurrency[number], effect.bound, IoRow(effect.direct, effect.reachable, effect.via, effect.named),
                hot.signs if hot is not None and hot.score >= HOT else (),
            )
        )  # fmt: skip
    return tuple(rows)


def call_rows(program: Program) -> tuple[CallRow, ...]:
    targets = [f.target for f in program.functions]
    edges = (*program.calls, *program.queued)
    rows = {(targets[e.caller], targets[e.callee] if e.callee >= 0 else e.external, e.line) for e in edges}
    return tuple(CallRow(*row) for row in sorted(rows))


def finding_row(f: Finding) -> FindingRow:
    return FindingRow(
        f.rule, f.category, f.severity, f.path, f.line, f.column, f.end_line, f.function, f.message, f.fingerprint, f.hops,
        f.suppressed, f.value, f.confidence,
    )  # fmt: skip


def rule_rows(findings: tuple[Finding, ...], rulebook: Rulebook) -> tuple[RuleRow, ...]:
    used = {f.rule for f in findings}
    rows = [
        RuleRow(r.id, r.title, r.category, r.severity, r.go, r.fix, r.text.strip(), r.pattern)
        for r in rulebook.rules
        if r.id in used
    ]
    return tuple(sorted(rows, key=lambda r: r.id))


def construct_patterns(functions: tuple[FunctionRow, ...], rulebook: Rulebook) -> dict[str, str]:
    """The Go patterns of the constructs that occur."""
    used = {use.construct for row in functions for use in row.concurrency}
    return {name: text for name, text in rulebook.patterns.items() if name in used}


def scoring_numbers(scoring: Scoring) -> dict[str, float]:
    """The weights and thresholds in force, the factors of the verdicts and the shares of confidence, by dotted name."""
    groups = {"family": scoring.families, "signal": scoring.signals, "threshold": scoring.thresholds}
    tables = {"factor": "verdict_factor", "confidence": "confidence"}
    weights = {f"{group}.{name}": row.value for group, table in groups.items() for name, row in table.items()}
    shares = {
        f"{group}.{name}": value for group, table in tables.items() for name, value in scoring.tables[table].items()
    }
    return dict(sorted({**weights, **shares}.items()))


def signal_rows(scoring: Scoring) -> tuple[SignalRow, ...]:
    """The signals of benefit and risk; those of hotspots are no part of a score."""
    return tuple(
        SignalRow(name, row.axis, row.family, row.value, row.remedy or 0.0, row.why)
        for name, row in sorted(scoring.signals.items())
        if row.axis in ("benefit", "risk")
    )
